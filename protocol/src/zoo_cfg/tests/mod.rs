//! Configuration files as tables of cases: what they mean, what is wrong with them.

mod errors;
mod meanings;

use super::ZooCfg;

/// Three members, with what every ensemble needs.
const THREE: &str = "dataDir=/data\ninitLimit=10\nsyncLimit=5\nserver.1=zk1:2888:3888\n\
                     server.2=zk2:2888:3888\nserver.3=zk3:2888:3888\n";

/// A file that must be right.
fn read(text: &str) -> ZooCfg {
    ZooCfg::parse("zoo.cfg", text).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

/// The errors of a file that must be wrong, as sentences.
fn errors(text: &str) -> Vec<String> {
    let errors = ZooCfg::parse("zoo.cfg", text).expect_err("the file is wrong");
    errors.iter().map(ToString::to_string).collect()
}

/// The warnings of a file that must be right, as sentences.
fn warnings(text: &str) -> Vec<String> {
    read(text).warnings.iter().map(ToString::to_string).collect()
}
