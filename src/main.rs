fn main(){lamplighter::cli::main()}
