//! What is set on a synthetic widget besides the zone and hours of its workplace.

use std::sync::Arc;

use super::knobs::Knobs;
use super::random::RandomStream;
use super::workplace::{Day, Workplace};
use super::zones::MARKETS;
use lamplighter_core::model::{Countries, DeviceKind, PageList, Scheduler, Settings, WidgetStatus};

const GREETINGS: [(WidgetStatus, [&str; 3]); 3] = [
    (WidgetStatus::Online, ["Hi! How can we help?", "Welcome. Ask us anything.", "We are here."]),
    (
        WidgetStatus::Away,
        [
            "Back in a few minutes.",
            "We answer as soon as we can.",
            "Leave a word, we are close by.",
        ],
    ),
    (
        WidgetStatus::Offline,
        ["We are closed. Leave a message.", "See you tomorrow!", "Write to us, we reply by email."],
    ),
];

const PAGES_SHOW: [&[&str]; 3] = [&["/shop/*"], &["/pricing", "/contact"], &["/help/*", "*/faq"]];
const PAGES_HIDE: [&[&str]; 3] = [&["/checkout/*"], &["/legal", "/privacy"], &["/admin/*"]];

/// Percent of widgets with greetings of their own.
const GREETING_PERCENT: u32 = 30;
/// Percent of widgets that ask for a name first.
const PRE_CHAT_PERCENT: u32 = 15;
/// Percent of widgets that are not for phones.
const NOT_ON_MOBILE_PERCENT: u32 = 4;

/// The settings of a widget, by its property and its number there. Whether there is a scheduler is
/// decided once for all widgets of a property.
pub(super) fn widget_settings(
    knobs: &Knobs,
    workplace: &Workplace,
    (property, widget): (u32, u64),
    span: (Day, Day),
) -> Settings {
    let property = u64::from(property);
    let mut settings = Settings::default();
    if RandomStream::fork(knobs.seed, b"schedule", property, 0).chance(knobs.scheduled) {
        let mut stream = RandomStream::fork(knobs.seed, b"minutes.", property, widget);
        let different = stream.chance(knobs.different_schedules).then_some(stream);
        let zone = workplace.market().zone.to_owned();
        let hours = workplace.week_hours(span, different);
        settings.scheduler = Some(Arc::new(Scheduler { zone, hours }));
    }
    let mut stream = RandomStream::fork(knobs.seed, b"strict..", property, widget);
    settings.offline_when_all_agents_offline = stream.chance(knobs.strict);
    settings.hide_when_offline = stream.chance(knobs.strict);
    if knobs.choosy > 0 {
        let mut stream = RandomStream::fork(knobs.seed, b"choosy..", property, widget);
        if stream.chance(knobs.choosy) {
            restrict(&mut settings, &mut stream, workplace.market().nation);
        }
    }
    let mut stream = RandomStream::fork(knobs.seed, b"content.", property, widget);
    if stream.chance(GREETING_PERCENT) {
        for (status, texts) in GREETINGS {
            let text = *stream.one_of(&texts);
            settings.greetings[status] = Some(text.to_owned());
        }
    }
    settings.pre_chat_form = stream.chance(PRE_CHAT_PERCENT);
    if stream.chance(NOT_ON_MOBILE_PERCENT) {
        settings.hide_on[DeviceKind::Mobile] = true;
    }
    settings
}

/// Shows a widget to some only.
fn restrict(settings: &mut Settings, stream: &mut RandomStream, nation: &str) {
    let pages = |patterns: &[&str]| {
        patterns.iter().map(|text| text.parse().expect("a page pattern")).collect()
    };
    let country = |nation: &str| vec![nation.parse().expect("a nation is a country")];
    match stream.below(4) {
        0 => settings.pages[PageList::Show] = pages(stream.one_of::<&[&str]>(&PAGES_SHOW)),
        1 => settings.pages[PageList::Hide] = pages(stream.one_of::<&[&str]>(&PAGES_HIDE)),
        2 => settings.countries = Some(Countries::Only(country(nation))),
        _ => {
            let nations = MARKETS.iter().map(|market| market.nation);
            let others: Vec<&str> = nations.filter(|other| *other != nation).collect();
            let other = *stream.one_of(&others);
            settings.countries = Some(Countries::Except(country(other)));
        }
    }
}
