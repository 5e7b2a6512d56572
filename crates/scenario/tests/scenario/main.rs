//! The language from outside, and generated worlds through engine and oracle.

mod bless;
#[path = "../../../../tests/common/config.rs"]
mod config;
mod counted;
mod drawn;
mod examples;
mod formatted;
mod generated;
mod include;
#[path = "../../../../tests/common/mutated.rs"]
mod mutated;
mod observed;
mod other_rules;
mod parser;
mod plain;
mod robust;
mod shown_by;
mod threads;
mod written;
