//! The goals at a million widgets as ratios within one run. See README.md in the folder above.

mod events;
#[path = "../fleet/mod.rs"]
mod fleet;
mod fleets;
mod hours;
mod memory;
#[path = "../naive/mod.rs"]
mod naive;
mod replay;
mod rounds;
mod rules;
mod sizes;
mod table;
mod week;

use std::sync::Arc;

use lamplighter_core::hours::Zones;

use table::Row;

/// Measures something.
type Measure = fn(&Arc<Zones>) -> Vec<Row>;

/// What is measured, by the names that can be given as arguments.
const GROUPS: [(&str, Measure); 7] = [
    ("memory", |_| memory::rows()),
    ("fleets", fleets::rows),
    ("events", events::rows),
    ("rules", rules::rows),
    ("week", week::rows),
    ("hours", hours::rows),
    ("replay", replay::rows),
];

fn main() {
    let zones = Arc::new(Zones::bundled());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, form] = &arguments[..]
        && flag == memory::FLAG
    {
        return memory::measure(form, &zones);
    }
    // Cargo itself adds options.
    let wanted: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    naive::agree::on_widgets(&zones);
    naive::agree::on_edges(&zones);
    naive::agree::on_hours(&zones);
    eprintln!("engine and naive forms agree");
    let mut rows = Vec::new();
    for (name, measure) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            eprintln!("{name} …");
            rows.extend(measure(&zones));
        }
    }
    table::print(&rows);
}
