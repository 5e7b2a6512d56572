//! The nouns: names, statuses, instants, settings, events; `text` reads and prints scalars once. No
//! clock, no I/O, no async.
//!
//! | file | what it does |
//! | --- | --- |
//! | `names`, `ids` | names and the dense ids that stand for them, both ways |
//! | `name_key`, `name_list`, `packed_names` | a name as a word; many one after the other, and in still less space |
//! | `status` | what devices, agents, properties and widgets can be, and the answers about them |
//! | `time` | instants and lengths of time |
//! | `dates` | which dates an entry names, and weekdays together |
//! | `hours` | hours as people set them |
//! | `settings` | what can be set on a widget, and what a visitor brings along |
//! | `positions`, `knobs` | what products do otherwise; the ways in which they differ, and a product's rules as positions of them |
//! | `products` | the rules of products that are built in |
//! | `event_kind`, `action` | the table of what can happen; what an agent does, as a word |
//! | `event` | what happens: one type for scenarios, traces, services and generators |
//! | `action_word` | what rows of traces nearly always say, in a byte |
//! | `text` | scalars as people write them, read and printed |

mod action;
mod action_word;
mod dates;
mod event;
mod event_kind;
mod hours;
mod ids;
pub mod knobs;
mod name_key;
mod name_list;
mod names;
mod packed_names;
mod positions;
pub mod products;
mod settings;
mod status;
pub mod text;
mod time;

pub use action::Action;
pub use action_word::ActionWord;
pub use dates::{Dates, DayOfYear, Nth, SHIFT_DAYS_MAX, WeekdayOfMonth, Weekdays};
pub use event::{About, Event, Impossible, Rename};
pub use event_kind::{EventKind, Says};
pub use hours::{
    Calendar, Cut, DAY_MINUTES, DatedEntry, DatedHours, DayHours, EVERY_WEEKS, EveryWeeks,
    INTERVAL_DAYS_MAX, Interval, WeekHours, week_of,
};
pub use ids::{
    AgentId, DeviceId, NAME_CODE_POINTS_MAX, PropertyId, WidgetId, is_name, is_name_in_quotes,
};
pub use knobs::{Knob, RuleSet};
pub use name_key::NameKey;
pub use name_list::NameList;
pub use names::Names;
pub use settings::{
    Countries, DeviceKind, Each, Listed, PageList, Scheduler, Setting, SettingName, Settings,
    Visitor,
};
pub use status::{
    AgentStatus, Answer, Chat, Chosen, DeviceStatus, Form, HiddenBecause, Presence, Reason,
    SchedulerState, Visibility, WidgetStatus, Word,
};
pub use text::PagePattern;
pub use time::{Instant, LocalTime, Millis};
