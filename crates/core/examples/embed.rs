//! The engine in a program of one's own: a property with hours in New York, an agent on two devices, and
//! what its widget shows to whom, from a quarter to nine to the evening.
//!
//! `cargo run -p lamplighter-core --example embed`

use std::error::Error;
use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    Chosen, DeviceKind, Event, Instant, Scheduler, Setting, Settings, Visibility, Visitor,
    WeekHours, WidgetId,
};
use lamplighter_core::world::{Change, Membership, Timing, World, WorldBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    // What is set: hours on weekdays, and no widget on phones (rules S2, S3, V3).
    let mut hours = WeekHours::default();
    for day in &mut hours.weekdays[..5] {
        day.push("09:00-17:00".parse()?);
    }
    let scheduler = Scheduler { zone: "America/New_York".to_owned(), hours };
    let mut settings = Settings { scheduler: Some(Arc::new(scheduler)), ..Settings::default() };
    settings.set(Setting::HideOn(DeviceKind::Mobile, true));

    // Who works where. Names are the caller's business: here everything is an id.
    let mut builder = WorldBuilder::new(Timing::default());
    let acme = builder.add_property();
    let widget = builder.add_widget(acme, settings);
    let ann = builder.add_agent();
    builder.add_member(ann, acme, Membership::Active);
    let mut world = builder.build("2026-03-09T12:45:00Z".parse()?, Arc::new(Zones::bundled()))?;
    let (laptop, phone) = (world.add_device(ann), world.add_device(ann));

    // What happens. Time comes from outside, too, and whatever the clock does on the way is reported.
    let day = [
        ("2026-03-09T12:50:00Z", Event::Login(laptop)),
        ("2026-03-09T13:10:00Z", Event::Login(phone)),
        ("2026-03-09T16:00:00Z", Event::SetStatus(laptop, Chosen::Away)),
        ("2026-03-09T16:30:00Z", Event::Disconnect(phone)),
    ];
    for (at, event) in day {
        world.advance(at.parse()?, &mut print);
        world.apply(&event, &mut print)?;
    }
    world.advance("2026-03-09T20:00:00Z".parse()?, &mut print);

    tell(&world, widget);
    Ok(())
}

fn print(change: Change) {
    match change {
        Change::Agent { at, now, .. } => println!("{at}  team-mates see her {}", now.word()),
        Change::Widget { at, now, .. } => {
            println!(
                "{at}  the widget is {} ({}, rule W{})",
                now.status.word(),
                now.reason.word(),
                now.rule
            );
        }
    }
}

/// What a visitor on a phone sees now, why the widget is as it is, and what comes next.
fn tell(world: &World, widget: WidgetId) {
    let on_a_phone = Visitor { device: Some(DeviceKind::Mobile), ..Visitor::default() };
    match world.visibility(widget, &on_a_phone) {
        Visibility::Shown => println!("on a phone it is shown"),
        Visibility::Hidden(because) => {
            println!("on a phone it is hidden because of {}", because.word())
        }
    }
    let why = world.explain(widget);
    let devices = why.members.iter().flat_map(|member| &member.devices);
    let devices: Vec<String> = devices.map(|device| format!("{:?}", device.status)).collect();
    println!("behind it: presence {:?}, devices {}", why.presence, devices.join(" and "));
    let next: Option<Instant> = why.next.map(|next| next.at);
    println!("next change by the clock: {}", next.map_or("none".to_owned(), |at| at.to_string()));
}
