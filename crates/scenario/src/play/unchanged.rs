//! Events that can happen and change nothing, or not what their line looks like.

use super::verdict::{Notice, Unchanged};
use crate::language::span::Span;
use lamplighter_core::model::{DeviceStatus, Event};
use lamplighter_core::world::{Connection, World};

/// What is to be told of an event that is about to happen, and of the line that says it.
pub fn notice(event: &Event, world: &World, statement: Span) -> Option<Notice> {
    let (device, what) = match *event {
        // A login behind a lost connection is how one comes back.
        Event::Login(device)
            if world.device_status(device) != DeviceStatus::LoggedOut
                && world.connection(device) == Connection::Up =>
        {
            (device, Unchanged::LoggedInAlready)
        }
        Event::Reconnect(device) if world.connection(device) == Connection::RanOut => {
            (device, Unchanged::ReconnectsTooLate)
        }
        _ => return None,
    };
    Some(Notice { statement, device, what })
}
