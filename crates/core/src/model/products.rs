//! The rules of other products that are built in, with what is known of them and from where.

use super::knobs::{Knob, RuleSet};

/// The rules of a product that are built in.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The name by which a scenario and the command line know it.
    pub name: &'static str,
    /// How its positions are known: tried on a running server, or read.
    pub known: Known,
    /// Positions that are not the rule book's.
    positions: &'static [(Knob, &'static str)],
    /// The places where it stands; first the server on which it was tried, with its version.
    pub sources: &'static [&'static str],
    /// What the product does that no position says.
    pub beyond: &'static [&'static str],
}

/// How it is known what a product does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// It is this project's own rule book.
    RuleBook,
    /// It was measured on a running server.
    Measured,
    /// It is documented, or read in its public code, and was not tried here.
    Documented,
}

impl Known {
    /// How it is known, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RuleBook => "the rule book",
            Self::Measured => "measured on a running server",
            Self::Documented => "as documented or read in its public code, not tried",
        }
    }
}

impl Product {
    /// The product of a name.
    pub fn of(name: &str) -> Option<&'static Self> {
        PRODUCTS.iter().find(|product| product.name == name)
    }

    /// The rules of the product: those of the rule book, with each knob in the product's position.
    pub fn rules(&self) -> RuleSet {
        let mut rules = RuleSet::BOOK;
        for (knob, position) in self.positions {
            rules.put(*knob, position).expect("every built-in position is one (a test holds it)");
        }
        rules
    }
}

use Knob as K;

/// Every product that is built in, the rule book first.
pub const PRODUCTS: &[Product] = &[
    Product {
        name: "tawk",
        known: Known::RuleBook,
        positions: &[],
        sources: &["docs/rules.md"],
        beyond: &[],
    },
    Product {
        name: "synapse",
        known: Known::Measured,
        positions: &[(K::TeamSeesInvisible, "offline"), (K::Grace, "36s"), (K::Hours, "none")],
        sources: &["a running Synapse 1.163, by the target file `synapse`"],
        beyond: &["a lost connection is noticed after 30 to 36 s"],
    },
    Product {
        name: "ejabberd",
        known: Known::Measured,
        positions: &[(K::Grace, "37s"), (K::Hours, "none")],
        sources: &["a running ejabberd 23.01, by the target file `ejabberd`"],
        beyond: &["a WebSocket that is reset is gone in 0.2 s; 37 s is a silent BOSH session"],
    },
    Product {
        name: "prosody",
        known: Known::Measured,
        positions: &[(K::Grace, "60s"), (K::Hours, "none")],
        sources: &["a running Prosody 0.12, by the target file `prosody`"],
        beyond: &["of devices of equal priority the newest status counts, not the highest"],
    },
    Product {
        name: "livehelperchat",
        known: Known::Measured,
        positions: &[
            (K::Devices, "one-status"),
            (K::Login, "keeps"),
            (K::AwayIs, "offline"),
            (K::InvisibleIs, "online"),
            (K::TeamSeesInvisible, "offline"),
            (K::Grace, "300s"),
            (K::Hours, "or-present"),
            (K::OpenAndNobody, "online-chat"),
            (K::EndMinute, "open"),
            (K::Overnight, "never-opens"),
        ],
        sources: &[
            "a running LiveHelperChat, whose version was not noted",
            "https://github.com/LiveHelperChat/doc: docs/online-hours.md",
        ],
        beyond: &["a logout on one device darkens the others for 20 to 25 s (a fault, not a rule)"],
    },
    Product {
        name: "mibew",
        known: Known::Measured,
        positions: &[
            (K::Devices, "one-status"),
            (K::Logout, "never"),
            (K::AwayIs, "offline"),
            (K::Grace, "30s"),
            (K::Hours, "none"),
        ],
        sources: &[
            "a running Mibew Messenger, whose version was not noted",
            "https://github.com/Mibew/mibew: src/mibew/libs/operator.php",
        ],
        beyond: &["a lost connection is noticed after 28 to 33 s"],
    },
    Product {
        name: "tiledesk",
        known: Known::Measured,
        positions: &[
            (K::Devices, "one-status"),
            (K::Login, "keeps"),
            (K::Logout, "never"),
            (K::AwayIs, "offline"),
            (K::Grace, "never"),
            (K::OpenAndNobody, "offline"),
            (K::Overnight, "never-opens"),
        ],
        sources: &[
            "a running Tiledesk server, whose version was not noted",
            "https://github.com/Tiledesk/tiledesk-server: services/operatingHoursService.js",
        ],
        beyond: &["who never had a status is away, not online"],
    },
    Product {
        name: "chatwoot",
        known: Known::Documented,
        positions: &[
            (K::Devices, "one-status"),
            (K::Login, "keeps"),
            (K::AwayIs, "offline"),
            (K::Grace, "20s"),
            (K::Overnight, "never-opens"),
        ],
        sources: &["https://github.com/chatwoot/chatwoot: app/javascript/widget/helpers"],
        beyond: &[
            "this is what its page shows; its server closes a minute later: `chatwoot-server`",
            "older versions show whether it is open, whoever is there: `hours = \"replace\"`",
        ],
    },
    Product {
        name: "chatwoot-server",
        known: Known::Documented,
        positions: &[
            (K::Devices, "one-status"),
            (K::Login, "keeps"),
            (K::AwayIs, "offline"),
            (K::Grace, "20s"),
            (K::EndMinute, "open"),
            (K::Overnight, "never-opens"),
        ],
        sources: &["https://github.com/chatwoot/chatwoot: app/models/working_hour.rb"],
        beyond: &["this is what its server decides; its page closes at the end minute: `chatwoot`"],
    },
    Product {
        name: "zendesk",
        known: Known::Documented,
        positions: &[
            (K::Devices, "one-status"),
            (K::Login, "keeps"),
            (K::AwayIs, "offline"),
            (K::Idle, "logged-out"),
        ],
        sources: &[
            "https://developer.zendesk.com: Unified Agent Status API (Away: all channels offline)",
            "https://developer.zendesk.com: Agent Availability API (AGENT_IDLE_TIMEOUT)",
        ],
        beyond: &["its hours set the agents' statuses, which no position says"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_positions_that_go_together_and_are_not_the_rule_books() {
        let book = RuleSet::BOOK;
        for product in PRODUCTS {
            let rules = product.rules();
            assert_eq!(rules.check(), Ok(()), "{}", product.name);
            let unlike: Vec<Knob> = rules.unlike(&book).collect();
            let said: Vec<Knob> = product.positions.iter().map(|(knob, _)| *knob).collect();
            assert_eq!(unlike, said, "{}: each once, in the order of the rules", product.name);
            assert!(!product.sources.is_empty(), "{}", product.name);
            let found = Product::of(product.name).map(|found| found.rules());
            assert_eq!(found, Some(rules), "the only one of its name");
        }
        assert!(Product::of("jitsi").is_none());
    }

    #[test]
    fn what_was_measured_says_on_which_version_as_its_target_file_does() {
        let files = [
            ("synapse", include_str!("../../../../targets/synapse.toml")),
            ("ejabberd", include_str!("../../../../targets/ejabberd.toml")),
            ("prosody", include_str!("../../../../targets/prosody.toml")),
        ];
        for product in PRODUCTS.iter().filter(|product| product.known == Known::Measured) {
            let server = product.sources[0].strip_prefix("a running ").expect(product.name);
            let file = files.iter().find(|(name, _)| *name == product.name);
            let Some((_, text)) = file else {
                assert!(server.ends_with(", whose version was not noted"), "{}", product.name);
                continue;
            };
            let (_, tried) = text.split_once("as tried against ").expect(product.name);
            let version = tried.split(". ").next().expect("its end");
            let told = server.split_once(", by the target file").expect(product.name).0;
            assert!(told.ends_with(&format!(" {version}")), "{}: {version}", product.name);
        }
    }
}
