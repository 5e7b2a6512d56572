//! Why the core does not do what a call asks for.

use thiserror::Error;

use super::tag::Tag;
use lamplighter_core::model::{Impossible, Instant};
use lamplighter_target::wire::InvalidField;

/// Why a call was not carried out; nothing has changed then. Whoever carries calls says it in its own
/// way: over HTTP, each has a status.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    /// Nobody is logged in with this token.
    #[error("the token is unknown, or the device was logged in afresh: log in again")]
    UnknownToken,
    /// The token's device is logged out (rules P3, P7).
    #[error("{device} is logged out: log in again")]
    LoggedOut {
        /// The name of the device, for the message.
        device: String,
    },
    /// The agent is no member; or there is no such property, which who is no member does not learn.
    #[error("only members of `{property}` can know this")]
    NotAMember {
        /// The property that was asked for.
        property: String,
    },
    /// The agent is suspended, and reads nothing of the property until reinstated (rule P6).
    #[error("you are suspended in `{property}`: an admin has to reinstate you first (rule P6)")]
    Suspended {
        /// The property that was asked for.
        property: String,
    },
    /// The password that was looked at is none of the account's any more.
    #[error("the account or its password was changed meanwhile: log in again")]
    PasswordChanged,
    /// It is another agent's, and the caller no admin.
    #[error("this is for `{agent}` alone, and for admins")]
    NotTheirs {
        /// The agent whose it is.
        agent: String,
    },
    /// The agent never logged in on a device of this name.
    #[error("`{agent}` has no device `{device}`")]
    NoDevice {
        /// The name of the agent.
        agent: String,
        /// The name of the device.
        device: String,
    },
    /// A device is to be called as another one on which the agent is logged in.
    #[error("you are logged in on `{device}` already: log out there first, or take another name")]
    DeviceNameTaken {
        /// The name that the other device has.
        device: String,
    },
    /// A property is to go, and visitors have left messages there.
    #[error(
        "visitors have left messages with `{property}`: `?messages=delete` deletes them, too; read them \
         first with GET /v1/messages/{property}"
    )]
    MessagesLeft {
        /// The name of the property.
        property: String,
    },
    /// No account has this name.
    #[error("there is no agent `{0}`")]
    NoAgent(String),
    /// No property has this name, or it is gone.
    #[error("there is no property `{0}`")]
    NoProperty(String),
    /// No widget has this full name, or it is gone.
    #[error("there is no widget `{0}`")]
    NoWidget(String),
    /// The agent has as many devices as there may be.
    #[error("{agent} has {devices_max} devices already: log in under the name of one of those")]
    TooManyDevices {
        /// The agent who has as many devices as may be.
        agent: String,
        /// How many devices an agent may have
        /// ([`Limits::devices_max`](crate::config::Limits::devices_max)).
        devices_max: usize,
    },
    /// By the rules it cannot happen as things stand.
    #[error("{agent} on {device}: {why}")]
    Impossible {
        /// The agent to whom it was to happen.
        agent: String,
        /// The device on which it was to happen.
        device: String,
        /// The rule's reason why it cannot happen as things stand.
        why: Impossible,
    },
    /// A clock goes forward only (rule T1).
    #[error("the clock goes forward only: it is {now} already")]
    ClockGoesBack {
        /// The instant that the clock reads already.
        now: Instant,
    },
    /// What is set is not what the write goes by.
    #[error("{}", changed_meanwhile(what, now.as_ref()))]
    ChangedMeanwhile {
        /// The property or widget by its full name, or `settings`.
        what: String,
        /// The tag of what is set now; `None` where nothing is.
        now: Option<Tag>,
    },
    /// A document says something that cannot be.
    #[error("{}", .0.detail)]
    Invalid(#[from] InvalidField),
    /// As many calls wait as may; it is worth trying again soon.
    #[error("too many calls are waiting")]
    Busy,
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
    /// The store did not take what the call had changed. Why is for the log alone: visitors are told of it, too.
    #[error("it could not be kept, and has not happened: the store takes no writes now")]
    NotKept,
    /// The store cannot be read, after it did not take something.
    #[error("the store cannot be read")]
    StoreUnreadable,
}

fn changed_meanwhile(what: &str, now: Option<&Tag>) -> String {
    match now {
        Some(now) => format!(
            "`{what}` is not what If-Match names any more: somebody has changed it meanwhile. Read it \
             again, put your changes on that, and write with the version of now, \"{now}\""
        ),
        None => {
            format!("there is no `{what}`, and If-Match names one: write without it to make one")
        }
    }
}
