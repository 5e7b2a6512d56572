use lamplighter::load::agents;
use lamplighter::load::clock::RunClock;
use lamplighter::load::notes::Notebook;
use lamplighter::load::plan::*;
use lamplighter::load::product::*;
use lamplighter::load::provision::provision;
use lamplighter::load::tally::Tally;
use lamplighter::model::*;
use lamplighter::remote::Host;
use lamplighter::service::Clock;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

fn cpu() -> f64 {
    let t = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = t.rsplit_once(") ").unwrap().1.split(' ').collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn rss(what: &str) -> f64 {
    let t = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = t.lines().find(|l| l.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn main() {
    let target = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let statuses: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let per = 5;
    let props = n / per;
    let agents = (0..n)
        .map(|i| {
            let at = 10_000_000 * i as i64 / n as i64;
            let mut steps = vec![Step { at, slot: 0, what: Do::Login }];
            for k in 0..statuses {
                let chosen = if k % 2 == 0 { Chosen::Away } else { Chosen::Online };
                steps.push(Step {
                    at: 12_000_000 + at + 10_000_000 * k as i64,
                    slot: 0,
                    what: Do::Status(chosen),
                });
            }
            Agent {
                name: format!("m-a{i}"),
                properties: vec![(i / per) as u32],
                devices: vec!["desk"],
                steps,
                is_own: true,
            }
        })
        .collect();
    let plan = Arc::new(Plan {
        start: Instant::MIN,
        duration: Millis(30_000),
        grace: Millis(1_000),
        prefix: "m-".into(),
        password: "eight letters".into(),
        properties: (0..props)
            .map(|p| Property {
                name: format!("m-p{p}"),
                members: (0..per).map(|m| (p * per + m) as u32).collect(),
                suspended: vec![],
                widgets: p as u32..p as u32 + 1,
                is_own: true,
            })
            .collect(),
        widgets: (0..props)
            .map(|p| Widget {
                name: format!("m-p{p}"),
                property: p as u32,
                settings: Arc::new(Settings::default()),
            })
            .collect(),
        agents,
        visitors: vec![],
    });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let product: Arc<dyn Product> = Arc::new(Reference);
        let began = std::time::Instant::now();
        let there = provision(&plan, &product, Host::new(&target, "a measuring key").unwrap())
            .await
            .unwrap();
        println!("provisioned in {:?}", began.elapsed());
        let now = Clock::System.now();
        let start = Instant::from_millis(now.as_millis() + 4_000).unwrap();
        let clock = RunClock::new(start, now);
        let (notebook, tally) = (Notebook::default(), Arc::new(Tally::new(1_000)));
        let (m0, c0) = (rss("VmRSS"), cpu());
        let nb = notebook.clone();
        let watch = tokio::spawn(async move {
            tokio::time::sleep_until(clock.moment(-500_000).into()).await;
            println!(
                "hatched: rss {:.1} MiB, hwm {:.1}, cpu {:.2} s",
                rss("VmRSS"),
                rss("VmHWM"),
                cpu() - c0
            );
            let c1 = cpu();
            tokio::time::sleep_until(clock.moment(11_500_000).into()).await;
            println!(
                "logged in: rss {:.1} MiB, hwm {:.1}, cpu {:.2} s, notes {}",
                rss("VmRSS"),
                rss("VmHWM"),
                cpu() - c1,
                nb.take().len()
            );
            let c2 = cpu();
            tokio::time::sleep_until(clock.moment(11_900_000 + 10_000_000).into()).await;
            println!(
                "statuses: rss {:.1} MiB, cpu {:.2} s, notes {}",
                rss("VmRSS"),
                cpu() - c2,
                nb.take().len()
            );
        });
        println!("before: rss {m0:.1} MiB");
        let played = agents::play(
            Arc::clone(&plan),
            product,
            &target,
            clock,
            notebook,
            Arc::clone(&tally),
            Arc::new(AtomicBool::new(false)),
        )
        .await
        .unwrap();
        watch.abort();
        println!("{}", played.tables);
        for (name, o) in &tally.counts().operations {
            println!(
                "{name}: ok {} errors {:?} intended p50 {} p99 {} max {} us; service p50 {}",
                o.ok,
                o.errors,
                o.intended.percentile(50.0),
                o.intended.percentile(99.0),
                o.intended.max(),
                o.service.percentile(50.0)
            );
        }
        let began = std::time::Instant::now();
        played.release().await;
        println!("released in {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let began = std::time::Instant::now();
        there.take_away().await.unwrap();
        println!("taken away in {:?}", began.elapsed());
    });
}
