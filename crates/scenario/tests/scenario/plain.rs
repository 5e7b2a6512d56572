//! What is read without a tree of its blocks comes out as what is read with one, or not at all.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::Index;

use crate::config::config;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, Instant, PropertyId, WidgetId};
use lamplighter_core::world::World;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Options, Prepared, play};
use lamplighter_scenario::synth::{Knobs, Population, write_world};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

fn corpus() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => below(&path, found),
                path if path.extension().is_some_and(|ending| ending == "scenario") => {
                    found.push(path);
                }
                _ => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["scenarios", "tests/invalid", "tests/warned"] {
        below(&root.join(folder), &mut found);
    }
    found
}

/// What a world says of its widgets and members.
fn said(world: &World, agents: usize, properties: usize) -> Vec<String> {
    let widgets = (0..world.widget_count()).map(WidgetId::new).map(|id| {
        let (of, open) = (world.property_of(id), world.scheduler_state(id));
        format!("{of:?} {open:?} {:?}", world.settings(id))
    });
    let members = (0..properties).map(PropertyId::new).map(|id| {
        let members = world.members(id).iter();
        let members = members.map(|&agent| (agent, world.membership(agent, id)));
        format!("{id:?} {:?}", members.collect::<Vec<_>>())
    });
    let people = (0..agents).map(AgentId::new).map(|id| format!("{:?}", world.agent_status(id)));
    widgets.chain(members).chain(people).collect()
}

/// Whether it was read without a tree. Then it is as with one, and sound.
fn is_plain(path: &Path, bytes: &[u8]) -> Result<bool, TestCaseError> {
    let whole = Prepared::new(path, bytes, &ZONES);
    let plain = match Prepared::plain(path, bytes.to_owned(), &ZONES, false, 2) {
        Ok(plain) => plain,
        Err(back) => {
            prop_assert_eq!(back, bytes);
            return Ok(false);
        }
    };
    prop_assert_eq!(&whole.diagnostics, &[]);
    let (ours, theirs) = (&plain.plan, &whole.plan);
    for name in ["title", "sources", "tags"] {
        let of = |prepared: &Prepared| match name {
            "title" => vec![prepared.file.title.clone()],
            "sources" => prepared.file.sources.clone(),
            _ => prepared.file.tags.clone(),
        };
        prop_assert_eq!(of(&plain), of(&whole), "{}", name);
    }
    prop_assert_eq!(&plain.document.header, &whole.document.header);
    prop_assert_eq!(&plain.document.parts, &whole.document.parts);
    prop_assert_eq!(&ours.steps, &theirs.steps);
    prop_assert_eq!((&ours.traces, ours.until), (&theirs.traces, theirs.until));
    prop_assert_eq!(format!("{:?}", ours.roster), format!("{:?}", theirs.roster));
    let (agents, properties) = (ours.roster.agents.len(), ours.roster.properties.len());
    let built = |prepared: &Prepared| {
        let world = prepared.plan.world.clone().build(Instant::MIN, Arc::clone(&ZONES));
        said(&world.expect("known zones"), agents, properties)
    };
    prop_assert_eq!(built(&plain), built(&whole));
    for step in &ours.steps {
        let (ours, theirs) = (&plain.file.source, &whole.file.source);
        let Span { start, end } = step.span;
        prop_assert_eq!(ours.slice(step.span), theirs.slice(step.span));
        prop_assert_eq!(ours.position(start), theirs.position(start));
        prop_assert_eq!(ours.position(end), theirs.position(end));
        prop_assert_eq!(ours.line_of(start), theirs.line_of(start));
    }
    prop_assert_eq!(plain.file.source.line_count(), whole.file.source.line_count());
    Ok(true)
}

#[test]
fn every_file_comes_out_as_with_a_tree_or_is_left_to_those_who_make_one() {
    let mut plain = 0;
    for path in corpus() {
        let bytes = std::fs::read(&path).expect("a scenario");
        let is_plain = is_plain(&path, &bytes).unwrap_or_else(|why| panic!("{path:?}: {why}"));
        plain += usize::from(is_plain);
        if is_plain && bytes.len() < 20_000 {
            let read =
                Prepared::plain(&path, bytes.clone(), &ZONES, false, 1).expect("it is plain");
            let both = [read, Prepared::new(&path, &bytes, &ZONES)].map(|prepared| {
                let stop = AtomicBool::new(false);
                let mut verdict = play(prepared, &ZONES, Options::default(), &stop);
                verdict.file.source = Default::default();
                format!("{verdict:?}")
            });
            assert_eq!(both[0], both[1], "{path:?}");
        }
    }
    assert!(plain > 100, "{plain}");
}

/// Two blocks with the same settings, and lines in the second; whether no tree is needed then.
#[test]
fn what_is_known_of_settings_is_said_of_nothing_else() {
    const FIRST: &str = "scenario A\nproperty acme\n  members ann\n";
    const LAST: &str = "\nat 2026-03-09 09:00\n  ann logs in on laptop\n";
    for (first, second, is_expected) in [
        ("", "  members bob\n  members cleo\n  suspended bob\n", true),
        ("", "  members bob ann\n", true),
        ("", "  members Bob bob\n", true),
        ("", "  members \"Bob B\" ann\n", true),
        ("", "  pre-chat-form\n  members bob\n", true),
        ("  pre-chat-form\n", "  pre-chat-form\n\tmembers bob\n", true),
        ("", "  scheduler UTC\n    mon 09:00-17:00\n    members bob\n", true),
        ("", "  members bob ann # both\n", true),
        ("", "  members bob # both\rproperty x\n", false),
        ("", "  members bob bob\n", false),
        ("", "  members mon\n", false),
        ("", "  members until\n", false),
        ("", "  members acme\n", false),
        ("", "  members ben\n", false),
        ("", "  suspended ann\n", false),
        ("", "  members bob\n  suspended bob bob\n", false),
        ("", "  members bob\nwidget ben/x\n  members cleo\n", false),
        ("", "  members bob\nwidget other/x\n", false),
        ("", "  members bob\nwidget ben/x\nwidget ben/x\n", false),
        ("", "  members bob\nproperty ann\n", false),
        ("", "  members bob\nmembers cleo\n", false),
        ("", "  members bob\n  mon 09:00-17:00\n", false),
        ("  scheduler UTC\n    mon 09:00-17:00\n", "  mon 09:00-17:00\n", false),
        ("  scheduler UTC\n    mon 09:00-17:00\n", "  scheduler UTC\n    mon 09:00-17:00\n", true),
        ("  scheduler UTC\n    mon 09:00-17:00\n", "  members bob\n", true),
        ("  hide-when-offline\n  scheduler UTC\n", "  members bob\n", true),
        ("  hide-when-offline\n  scheduler UTC\n", "  hide-when-offline\n", true),
        ("  scheduler UTC\n  hide-when-offline\n  mon 09:00-17:00\n", "  scheduler UTC\n", true),
        ("  hide-when-offline\n  scheduler UTC\n", "  scheduler UTC\n  pre-chat-form\n", true),
        ("  scheduler UTC\n  hide-when-offline\n", "  scheduler as acme\n", true),
        ("  pre-chat-form\n", "  scheduler as acme\n", false),
        ("", "  scheduler as ben\n", false),
        ("", "  members bob\nwidget ben/x\n  scheduler as ben/x\n", false),
        ("", "  scheduler UTC\nwidget ben/x\n  scheduler as ben\n", true),
        ("", "  scheduler as cora\n", false),
        ("  pre-chat-form\n", "  pre-chat-form\n  members bob\n", true),
        ("  pre-chat-form\n", "  pre-chat-form\n  pre-chat-form\n", false),
    ] {
        // The third has what either has, the fourth what nobody has.
        let others = format!("property cora\n  members col\n{first}property dan\n  members di\n");
        // What was read is known to later blocks, not to those that are taken in with it.
        let between: String =
            (0..40).map(|one| format!("property p{one}\n  members m{one}\n{first}")).collect();
        let last =
            (0..40).map(|one| format!("property q{one}\n  members n{one}\n")).collect::<String>();
        let last = format!("{last}property last\n  members lu\n  pre-chat-form\n{LAST}");
        let text = format!("{FIRST}{first}{between}property ben\n{second}{others}{last}");
        let found = is_plain(Path::new("any.scenario"), text.as_bytes());
        let found = found.unwrap_or_else(|why| panic!("{text}{why}"));
        assert_eq!(found, is_expected, "{text}");
    }
}

/// A synthetic world with all kinds of settings.
fn world(seed: u64, properties: u32) -> String {
    let knobs = Knobs {
        seed,
        properties,
        days: 1,
        shared_agents: 40,
        suspended: 20,
        more_widgets: 50,
        choosy: 40,
        ..Knobs::default()
    };
    let population = Population::new(knobs, &ZONES).expect("knobs in their ranges");
    let mut scenario = Vec::new();
    write_world(&population, &mut scenario).expect("written");
    String::from_utf8(scenario).expect("text")
}

#[test]
fn long_worlds_are_the_same_on_two_threads() {
    let text = world(7, 5000);
    assert!(text.len() > 1 << 20, "it is long enough for two");
    let path = Path::new("any.scenario");
    assert!(is_plain(path, text.as_bytes()).expect("as with a tree"));
    let read = |threads| {
        let bytes = text.clone().into_bytes();
        let plain = Prepared::plain(path, bytes, &ZONES, false, threads).expect("it is plain");
        assert!(plain.plan.roster.agents.len() > 10_000);
        let names: Vec<String> = plain.plan.roster.widgets.iter().map(str::to_owned).collect();
        let world = plain.plan.world.build(Instant::MIN, Arc::clone(&ZONES)).expect("zones");
        (names, said(&world, plain.plan.roster.agents.len(), plain.plan.roster.properties.len()))
    };
    assert_eq!(read(1), read(2));
    // Names in quotes in the middle: from there on nothing is read ahead.
    let place = text.len() / 2;
    let place = place + text[place..].find("\nproperty ").expect("one follows") + 1;
    let odd = "property odd\n  members \"Ann O'Neil\" bob\n";
    let odd = format!("{}{odd}{}", &text[..place], &text[place..]);
    assert!(is_plain(path, odd.as_bytes()).expect("as with a tree"));
    // What is wrong near the beginning, and near the end.
    for place in [3000, text.len() - 3000] {
        let place = place + text[place..].find("property ").expect("one follows");
        let faulty = format!("{}property a b\n{}", &text[..place], &text[place..]);
        for threads in [1, 2] {
            let bytes = faulty.clone().into_bytes();
            let back = Prepared::plain(path, bytes, &ZONES, false, threads).err();
            assert!(back.is_some_and(|back| back == faulty.as_bytes()));
        }
    }
}

/// Lines as people write them, some of them where they do not belong.
const LINES: [&str; 33] = [
    "",
    "# a word",
    "  # another",
    "\t",
    "  members \"Ann O'Neil\" bob",
    "  members bob  cleo",
    "  members bob # the builder",
    "  members bob bob",
    "  members mon",
    "  members at",
    "  members amber-auto.0",
    "  suspended nobody-there",
    "  suspended bob",
    "members bob",
    "  scheduler Europe/Rome",
    "  scheduler Europe/Nowhere",
    "    mon-fri 09:00-17:00",
    "    # hours",
    "    sat 10:00-12:00",
    "    date 2026-12-25 closed",
    "      hide-when-offline",
    "hide-when-offline",
    "  greeting online \"a # b\"",
    "  greeting online oops",
    "  scheduler as acme",
    "property acme\n  scheduler as acme",
    "widget acme/more\n  scheduler as acme/more",
    "property acme",
    "property acme # of ours",
    "widget acme/more",
    "widget nowhere/more",
    "include \"other.world\"",
    "at 2026-03-09 09:00",
];

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn worlds_with_lines_of_any_kind_come_out_as_with_a_tree(
        seed in 0_u64..50,
        properties in 1_u32..60,
        changes in prop::collection::vec((any::<Index>(), 0..5_u8, any::<Index>()), 0..4),
        ends in any::<bool>(),
    ) {
        let text = world(seed, properties);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, what, other) in changes {
            let (at, other_line) = (at.index(lines.len()), other.index(lines.len()));
            match what {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines.insert(at, LINES[other.index(LINES.len())].to_owned()),
                3 => lines.insert(at, lines[other_line].clone()),
                _ => lines.swap(at, other_line),
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        let text = lines.join(if ends { "\r\n" } else { "\n" });
        is_plain(Path::new("any.scenario"), text.as_bytes())?;
    }

    #[test]
    fn worlds_as_they_are_generated_need_no_tree(seed in any::<u64>(), properties in 1_u32..40) {
        let text = world(seed, properties);
        prop_assert!(is_plain(Path::new("any.scenario"), text.as_bytes())?);
    }
}
