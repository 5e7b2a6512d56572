//! The API's documents, as they stand in bodies and on sockets: the one set of types that the service
//! writes and its clients read, or the other way round. They hold what is said and no behaviour;
//! their field names and their order are the wire format, and their docs are what `/openapi.json` says.
//!
//! | file | calls |
//! | --- | --- |
//! | `widget` | `GET /v1/widgets/…`, the events of its stream, and the visitor in the query |
//! | `session` | accounts, logins, statuses, logouts, and what every write answers |
//! | `team` | `GET /v1/team/…`, and the texts of `/v1/connect` |
//! | `explain` | `GET /v1/explain/…` |
//! | `messages` | what visitors leave, and the pages of it |
//! | `settings`, `parts`, `schema` | what is set on properties, widgets and the whole service; their schemas |
//! | `scheduler` | a scheduler with its hours |
//! | `audit` | what was written with which admin key |
//! | `lists` | the properties and accounts that there are |
//! | `clock` | the manual clock |
//! | `problem` | what a call fails with (RFC 9457) |
//! | `text`, `length`, `once` | names, dates and days: strings with a form; lengths of time; objects whose members stand there once |

mod audit;
mod clock;
mod explain;
mod length;
mod lists;
mod messages;
mod once;
#[cfg(feature = "openapi")]
mod parts;
mod problem;
mod scheduler;
#[cfg(feature = "openapi")]
mod schema;
mod session;
mod settings;
mod team;
mod text;
mod widget;

pub use audit::{Audit, AuditEntry};
pub use clock::{ClockAnswer, PutClock};
pub use explain::{DevicePart, ExplainAnswer, MemberPart, SchedulerPart};
pub use lists::{AgentRow, Agents, Properties, PropertyRow};
pub use messages::{Deleted, MessageAnswer, Messages, NewMessage, NewMessageAnswer};
pub use once::read_once;
pub use problem::{InvalidField, ProblemBody};
pub use scheduler::{
    CalendarDocument, CutDocument, DateDocument, DatedDocument, DatesDocument, EveryDocument,
    SchedulerDocument,
};
pub use session::{
    Account, DeviceAnswer, DeviceRow, LoggedIn, Login, Logout, PutStatus, RenameDevice, Versions,
    Written,
};
pub use settings::{
    CountriesDocument, GreetingsDocument, PagesDocument, PropertyDocument, TimingDocument,
    WidgetDocument,
};
pub use team::{MemberDocument, SocketMessage, TeamMember};
pub use text::{Date, Day, Name};
pub use widget::{WidgetAnswer, read_visitor};
