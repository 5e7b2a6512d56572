//! Measures the service beside the barest thing that could do the same: `measure reads`, `writes`,
//! `logins`, `sockets`, `edges`, `starts`; and what attackers reach: `measure attacks`. Figures are ratios within
//! one run; see benches/README.md.
//!
//! The service runs in a process of its own on core 0, what loads it on core 1.

mod attacks;
mod bare;
mod logins;
mod process;
mod reads;
mod sockets;
mod starts;
mod writes;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["reads"] => reads::measure(),
        ["writes"] => writes::measure(),
        ["logins"] => logins::measure(),
        ["sockets"] => sockets::measure(),
        ["edges"] => sockets::measure_edges(),
        ["starts"] => starts::measure(),
        ["attacks"] => {
            if !attacks::measure() {
                std::process::exit(1);
            }
        }
        ["bare-handler", body] => bare::handler(body),
        ["bare-commits", folder, rows] => {
            bare::commits(folder.as_ref(), rows.parse().expect("a number"));
        }
        ["bare-clients", folder, count] => {
            bare::clients(folder.as_ref(), count.parse().expect("a number"));
        }
        ["bare-sockets", count] => bare::sockets(count.parse().expect("a number")),
        _ => {
            eprintln!(
                "usage: measure reads | writes | logins | sockets | edges | starts | attacks"
            );
            std::process::exit(2);
        }
    }
}
