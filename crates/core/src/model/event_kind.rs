//! The kinds of events, as a table.

/// Declares the kinds of events: what each is in the scenario language, behind whoever does it; what it
/// says besides; and the rule that it is for.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $words:literal $says:ident $rule:literal;)*) => {
        /// A kind of event.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All of them, in the order in which messages name them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// What happens, in the words of the scenario language: `loses connection`.
            pub fn words(self) -> &'static str {
                match self { $(Self::$kind => $words),* }
            }

            /// What an event of this kind says besides who does it.
            #[inline]
            pub const fn says(self) -> Says {
                match self { $(Self::$kind => Says::$says),* }
            }

            /// The rule that it is for.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$kind => $rule),* }
            }
        }
    };
}

/// What an event says besides who does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// The event names the device on which it happens.
    Device,
    /// On which device, or nothing for all of them.
    DeviceOrAll,
    /// Which status is chosen, and for how long or nothing for good (rule P9); and on which device,
    /// or nothing for all of them.
    StatusAndDeviceOrAll,
    /// The event names the property in which it happens.
    Property,
    /// What becomes of a setting. It is not an agent who does it: the widget is named instead.
    Setting,
}

kinds! {
    /// An agent logs in on a device.
    Login "logs in" Device "P1";
    /// An agent chooses a status.
    SetStatus "goes" StatusAndDeviceOrAll "P2";
    /// An agent logs out.
    Logout "logs out" DeviceOrAll "P3";
    /// A device loses its connection.
    Disconnect "loses connection" Device "P7";
    /// A device is connected again.
    Reconnect "reconnects" Device "P7";
    /// An agent gives a sign of life.
    Activity "is active" Device "P8";
    /// A member is suspended.
    Suspend "is suspended" Property "P6";
    /// A member is reinstated.
    Reinstate "is reinstated" Property "P6";
    /// A setting of a widget changes.
    Configure "set" Setting "S1";
}

impl EventKind {
    /// Whether it can be said of all of an agent's devices, without naming one.
    #[inline]
    pub const fn can_be_for_all_devices(self) -> bool {
        matches!(self.says(), Says::DeviceOrAll | Says::StatusAndDeviceOrAll)
    }
}
