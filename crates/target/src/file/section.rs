//! The lists of steps that a file can have, what each is for, who calls, which names it sees and where
//! what it keeps stays (rules T16 to T18, T21, T40 of target files). One row a section; nothing else
//! knows.

use lamplighter_core::model::Chosen;

/// Who makes a call: that decides its headers, cookies, connection and counters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Caller {
    /// Whoever administers the service.
    Admin,
    /// One device of an agent.
    Device,
    /// A member of each property that only looks.
    Observer,
    /// Anyone, without a session.
    Visitor,
}

impl Caller {
    /// Every caller by the word of `as`, and the name of its section.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("admin", Self::Admin),
        ("device", Self::Device),
        ("observer", Self::Observer),
        ("visitor", Self::Visitor),
    ];

    /// The word of `as` in a file.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// With what something that was kept stays, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The list of steps that keeps it.
    List,
    /// A device, until its next login.
    Device,
    /// An agent in one property.
    Member,
    /// An agent, on all devices and in all properties.
    Agent,
    /// A further widget of a property.
    Widget,
    /// A property, and its own widget.
    Property,
    /// The admin, for the run.
    Admin,
    /// The observer, for the run.
    Observer,
}

/// What a list of steps is repeated for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Repeat {
    /// Each property of which the agent is an active member (T17).
    Property,
    /// Each weekday from Monday (T32).
    Weekday,
    /// Each interval of the week (T32).
    Interval,
    /// Each dated day within a year (T32).
    Date,
}

impl Repeat {
    /// Every one by the word of `for`.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("property", Self::Property),
        ("weekday", Self::Weekday),
        ("interval", Self::Interval),
        ("date", Self::Date),
    ];

    /// The word of `for` in a file.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// A list of steps, by what it does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Section {
    /// `admin.login`: logs the admin in, once a run.
    AdminLogin,
    /// `agent.make`: makes an account; being there already is done.
    AgentMake,
    /// `agent.delete`: takes an account away at the end of a run.
    AgentDelete,
    /// `property.make`: makes a property with its own widget.
    PropertyMake,
    /// `property.set`: what is set on a property or its own widget.
    PropertySet,
    /// `property.delete`: takes a property away at the end of a run.
    PropertyDelete,
    /// `member.add`: an agent becomes a member (rule P6).
    MemberAdd,
    /// `member.remove`: takes an agent out of a property at the end of a run.
    MemberRemove,
    /// `member.suspend`: from then on the member counts nowhere in the property (rule P6).
    MemberSuspend,
    /// `member.reinstate`: from then on the member counts again (rule P6).
    MemberReinstate,
    /// `widget.make`: a further widget, and what is set on it.
    WidgetMake,
    /// `observer.login`: logs in whoever only looks, once a run (rule T30).
    ObserverLogin,
    /// `device.login`: logs an agent in on a device (rule P1).
    DeviceLogin,
    /// `device.hold`: the call that keeps a device connected.
    DeviceHold,
    /// `device.status`: sets the status of a device (rule P2).
    DeviceStatus,
    /// `device.status_online` and its like, in place of `device.status`.
    DeviceStatusOf(Chosen),
    /// `device.activity`: says that the agent is active on a device (rule P8).
    DeviceActivity,
    /// `device.logout`: logs a device out (rule P3).
    DeviceLogout,
    /// `hours.set`: puts a scheduler.
    HoursSet,
    /// `hours.off`: takes it away.
    HoursOff,
    /// `team.read`: what team-mates see (rule P4).
    TeamRead,
    /// `widget.read`: what a visitor sees.
    WidgetRead,
    /// `widget.push`: the same, as it changes.
    WidgetPush,
    /// `message.leave`: what a visitor leaves (rule C2).
    MessageLeave,
    /// `message.list`: what visitors left, to see that nothing is lost (rule C2).
    MessageList,
    /// `clock.set`: puts a manual clock.
    ClockSet,
    /// `timing.clock`: asks what the service's clock reads.
    ClockRead,
}

/// What is known of a section beforehand.
#[derive(Clone, Copy, Debug)]
struct SectionSpec {
    address: &'static str,
    caller: Caller,
    /// The nearer first; the list's own and the caller's own come on top.
    sees: &'static [Scope],
    keeps: Scope,
    given: &'static [&'static str],
}

const fn row(
    address: &'static str,
    caller: Caller,
    sees: &'static [Scope],
    keeps: Scope,
    given: &'static [&'static str],
) -> SectionSpec {
    SectionSpec { address, caller, sees, keeps, given }
}

const AGENT: &[Scope] = &[Scope::Agent];
const PROPERTY: &[Scope] = &[Scope::Property];
const WIDGET: &[Scope] = &[Scope::Widget, Scope::Property];
const MEMBER: &[Scope] = &[Scope::Member, Scope::Agent, Scope::Property];
const DEVICE: &[Scope] = &[Scope::Device, Scope::Agent];

const OF_AGENT: &[&str] = &["agent", "password"];
const OF_PROPERTY: &[&str] = &["property", "widget"];
const OF_MEMBER: &[&str] = &["agent", "member", "password", "property", "widget"];
const OF_DEVICE: &[&str] = &["agent", "device", "password", "value"];
const OF_VISIT: &[&str] = &["property", "widget", "page", "kind", "country"];
const OF_MESSAGE: &[&str] = &["property", "widget", "name", "email", "text"];

impl Section {
    /// Every section, in the order in which a run comes to them.
    pub const ALL: [Self; 29] = [
        Self::AdminLogin,
        Self::AgentMake,
        Self::AgentDelete,
        Self::PropertyMake,
        Self::PropertySet,
        Self::PropertyDelete,
        Self::MemberAdd,
        Self::MemberRemove,
        Self::MemberSuspend,
        Self::MemberReinstate,
        Self::WidgetMake,
        Self::ObserverLogin,
        Self::DeviceLogin,
        Self::DeviceHold,
        Self::DeviceStatus,
        Self::DeviceStatusOf(Chosen::Online),
        Self::DeviceStatusOf(Chosen::Away),
        Self::DeviceStatusOf(Chosen::Invisible),
        Self::DeviceActivity,
        Self::DeviceLogout,
        Self::HoursSet,
        Self::HoursOff,
        Self::TeamRead,
        Self::WidgetRead,
        Self::WidgetPush,
        Self::MessageLeave,
        Self::MessageList,
        Self::ClockSet,
        Self::ClockRead,
    ];

    fn row(self) -> SectionSpec {
        use Caller::{Admin, Device, Visitor};
        use Scope::List;
        match self {
            Self::AdminLogin => row("admin.login", Visitor, &[], Scope::Admin, &[]),
            Self::AgentMake => row("agent.make", Admin, AGENT, Scope::Agent, OF_AGENT),
            Self::AgentDelete => row("agent.delete", Admin, AGENT, List, OF_AGENT),
            Self::PropertyMake => {
                row("property.make", Admin, PROPERTY, Scope::Property, OF_PROPERTY)
            }
            Self::PropertySet => row("property.set", Admin, PROPERTY, Scope::Property, OF_PROPERTY),
            Self::PropertyDelete => row("property.delete", Admin, PROPERTY, List, OF_PROPERTY),
            Self::MemberAdd => row("member.add", Admin, MEMBER, Scope::Member, OF_MEMBER),
            Self::MemberRemove => row("member.remove", Admin, MEMBER, List, OF_MEMBER),
            Self::MemberSuspend => row("member.suspend", Admin, MEMBER, Scope::Member, OF_MEMBER),
            Self::MemberReinstate => {
                row("member.reinstate", Admin, MEMBER, Scope::Member, OF_MEMBER)
            }
            Self::WidgetMake => row("widget.make", Visitor, WIDGET, Scope::Widget, OF_PROPERTY),
            Self::ObserverLogin => {
                row("observer.login", Visitor, AGENT, Scope::Observer, OF_DEVICE)
            }
            Self::DeviceLogin => row("device.login", Device, DEVICE, Scope::Device, OF_DEVICE),
            Self::DeviceHold => row("device.hold", Device, DEVICE, Scope::Device, OF_DEVICE),
            Self::DeviceStatus => row("device.status", Device, DEVICE, Scope::Device, OF_DEVICE),
            Self::DeviceStatusOf(chosen) => {
                let address = match chosen {
                    Chosen::Online => "device.status_online",
                    Chosen::Away => "device.status_away",
                    Chosen::Invisible => "device.status_invisible",
                };
                row(address, Device, DEVICE, Scope::Device, OF_DEVICE)
            }
            Self::DeviceActivity => {
                row("device.activity", Device, DEVICE, Scope::Device, OF_DEVICE)
            }
            Self::DeviceLogout => row("device.logout", Device, DEVICE, List, OF_DEVICE),
            Self::HoursSet => row("hours.set", Admin, WIDGET, Scope::Property, OF_PROPERTY),
            Self::HoursOff => row("hours.off", Admin, WIDGET, Scope::Property, OF_PROPERTY),
            Self::TeamRead => row("team.read", Visitor, PROPERTY, List, OF_PROPERTY),
            Self::WidgetRead => row("widget.read", Visitor, WIDGET, List, OF_VISIT),
            Self::WidgetPush => row("widget.push", Visitor, WIDGET, List, OF_VISIT),
            Self::MessageLeave => row("message.leave", Visitor, WIDGET, List, OF_MESSAGE),
            Self::MessageList => row("message.list", Visitor, WIDGET, List, OF_PROPERTY),
            Self::ClockSet => row("clock.set", Admin, &[], List, &[]),
            Self::ClockRead => row("timing.clock", Visitor, &[], List, &[]),
        }
    }

    /// Its table and key, as `device.login`.
    pub fn address(self) -> &'static str {
        self.row().address
    }

    /// Its key within its table, as `login`.
    pub fn key(self) -> &'static str {
        self.address().split_once('.').map_or("", |(_, key)| key)
    }

    /// Who calls where `as` does not say (T40).
    pub fn caller(self) -> Caller {
        self.row().caller
    }

    /// With what that stays which its steps keep.
    pub fn keeps(self) -> Scope {
        self.row().keeps
    }

    /// Whose names its steps see, the nearer first. `each`: what the step, or all of `team.read`, is
    /// repeated for.
    pub fn sees(self, each: Option<Repeat>, for_member: bool) -> &'static [Scope] {
        match (self, each) {
            (Self::TeamRead, _) if for_member => MEMBER,
            (_, Some(Repeat::Property)) => {
                &[Scope::Device, Scope::Member, Scope::Agent, Scope::Property]
            }
            _ => self.row().sees,
        }
    }

    /// Names that Lamplighter gives its steps; `now` is given everywhere. Settings come on top, as
    /// `can.settings` names them: `for` to those that set a status, the others to those that
    /// [set up widgets](Self::is_given_settings).
    pub fn given(self, each: Option<Repeat>, for_member: bool) -> Vec<&'static str> {
        let mut given = self.row().given.to_vec();
        match (self, each) {
            (Self::TeamRead, _) if for_member => given = OF_MEMBER.to_vec(),
            (_, Some(Repeat::Property)) => given.extend(["member", "property", "widget"]),
            (Self::HoursSet | Self::HoursOff, each) => {
                given.push("zone");
                given.extend(match each {
                    Some(Repeat::Weekday) => &["weekday", "open", "start", "end", "last"][..],
                    Some(Repeat::Interval) => &["weekday", "open", "start", "end", "last"],
                    Some(Repeat::Date) => &["date", "weekday", "open", "start", "end", "last"],
                    _ => &["hours", "every", "dates", "entries", "cuts"],
                });
            }
            _ => {}
        }
        given.push("now");
        given
    }

    /// Whose cookie jar, connections and counters a call of it has (T12): within `[device]`, `[observer]` and
    /// `[admin]`, `as = "visitor"` changes the headers only.
    pub fn owner(self, caller: Caller) -> Caller {
        match (caller, self) {
            (Caller::Visitor, Self::AdminLogin) => Caller::Admin,
            (Caller::Visitor, Self::ObserverLogin) => Caller::Observer,
            (Caller::Visitor, section) if section.is_of_device() => Caller::Device,
            _ => caller,
        }
    }

    /// Whether its steps are given the settings that `can.settings` names (T21).
    pub fn is_given_settings(self) -> bool {
        matches!(self, Self::PropertyMake | Self::PropertySet | Self::WidgetMake)
    }

    /// Whether it gives a device its status.
    pub fn is_status(self) -> bool {
        matches!(self, Self::DeviceStatus | Self::DeviceStatusOf(_))
    }

    /// Whether it reads and changes nothing: what it lacks is *unreadable*, not *unknown* (T10).
    pub fn is_read(self) -> bool {
        let reads = [
            Self::TeamRead,
            Self::WidgetRead,
            Self::WidgetPush,
            Self::MessageList,
            Self::ClockRead,
        ];
        reads.contains(&self)
    }

    /// Whether it is the first that keeps anything with its scope: nothing was kept there before.
    pub fn is_first_of_scope(self) -> bool {
        let firsts = [
            Self::AdminLogin,
            Self::AgentMake,
            Self::PropertyMake,
            Self::MemberAdd,
            Self::WidgetMake,
            Self::ObserverLogin,
            Self::DeviceLogin,
        ];
        firsts.contains(&self)
    }

    /// Whether its steps are those of one device.
    pub fn is_of_device(self) -> bool {
        self.address().starts_with("device.")
    }

    /// Whether adapters have something for it, too.
    pub fn is_of_adapters(self) -> bool {
        let others = [
            Self::AdminLogin,
            Self::AgentDelete,
            Self::MemberRemove,
            Self::WidgetMake,
            Self::ObserverLogin,
            Self::ClockSet,
            Self::ClockRead,
        ];
        !others.contains(&self)
    }

    /// Whether a step in it may be repeated so.
    pub fn can_repeat(self, each: Repeat) -> bool {
        match each {
            Repeat::Property => self.is_of_device(),
            Repeat::Weekday | Repeat::Interval | Repeat::Date => {
                matches!(self, Self::HoursSet | Self::HoursOff)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t40_the_default_caller_is_the_one_of_the_letter() {
        for section in Section::ALL {
            let address = section.address();
            let caller = match address.split('.').next() {
                _ if address == "admin.login" => Caller::Visitor,
                Some("device") => Caller::Device,
                Some("admin" | "agent" | "property" | "member" | "hours" | "clock") => {
                    Caller::Admin
                }
                _ => Caller::Visitor,
            };
            assert_eq!(section.caller(), caller, "{address}");
        }
    }

    #[test]
    fn t12_as_visitor_changes_headers_only_where_somebody_is_logged_in() {
        for (section, caller, owner) in [
            (Section::DeviceLogin, Caller::Visitor, Caller::Device),
            (Section::DeviceStatus, Caller::Visitor, Caller::Device),
            (Section::DeviceStatus, Caller::Admin, Caller::Admin),
            (Section::ObserverLogin, Caller::Visitor, Caller::Observer),
            (Section::AdminLogin, Caller::Visitor, Caller::Admin),
            (Section::TeamRead, Caller::Observer, Caller::Observer),
            (Section::WidgetRead, Caller::Visitor, Caller::Visitor),
        ] {
            assert_eq!(section.owner(caller), owner, "{section:?} {caller:?}");
        }
    }

    #[test]
    fn every_section_is_listed_once() {
        let mut addresses: Vec<&str> =
            Section::ALL.iter().map(|section| section.address()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), Section::ALL.len());
    }

    #[test]
    fn words_stand_in_the_order_of_their_values() {
        assert!(Caller::WORDS.iter().all(|(word, caller)| caller.word() == *word));
        assert!(Repeat::WORDS.iter().all(|(word, each)| each.word() == *word));
    }
}
