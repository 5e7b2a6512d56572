//! How the binary is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |what: &str, this: &str| env::var(what).is_ok_and(|value| value == this);
    let has = |feature: &str| env::var_os(feature).is_some();
    // A million bytes of addresses need not be written, nor their pages copied, at each start: a third of
    // what a small scenario takes. What reads from a network keeps its place in memory unforeseeable.
    let is_gnu_linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu_linux && !has("CARGO_FEATURE_TARGET") && !has("CARGO_FEATURE_SERVE") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
