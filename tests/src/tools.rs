//! Programs that the suites need, by the variables that `cargo xtask test` sets.

use std::path::PathBuf;

/// The `vivarium` program under test.
///
/// # Panics
/// When VIVARIUM_BIN is not set.
#[must_use]
pub fn vivarium() -> PathBuf {
    required("VIVARIUM_BIN")
}

/// The source of axe-core, the checker of accessibility.
///
/// # Panics
/// When VIVARIUM_AXE is not set or names no file.
#[must_use]
pub fn axe() -> String {
    script("VIVARIUM_AXE")
}

/// The source of Mermaid, which draws sequence diagrams from text.
///
/// # Panics
/// When VIVARIUM_MERMAID is not set or names no file.
#[must_use]
pub fn mermaid() -> String {
    script("VIVARIUM_MERMAID")
}

fn script(variable: &str) -> String {
    let path = required(variable);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A Python that has kazoo.
///
/// # Panics
/// When VIVARIUM_PYTHON is not set.
#[must_use]
pub fn python() -> PathBuf {
    required("VIVARIUM_PYTHON")
}

/// Apache's command-line client.
///
/// # Panics
/// When VIVARIUM_ZKCLI is not set.
#[must_use]
pub fn zk_cli() -> PathBuf {
    required("VIVARIUM_ZKCLI")
}

/// Apache's server, as a class path for `java`.
///
/// # Panics
/// When VIVARIUM_ZOOKEEPER_CLASSPATH is not set.
#[must_use]
pub fn zookeeper_class_path() -> PathBuf {
    required("VIVARIUM_ZOOKEEPER_CLASSPATH")
}

/// The `java` program.
#[must_use]
pub fn java() -> PathBuf {
    std::env::var_os("VIVARIUM_JAVA").map_or_else(|| PathBuf::from("java"), PathBuf::from)
}

fn required(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable).filter(|value| !value.is_empty());
    value.map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: run this suite by `cargo xtask test`, which sets it")
    })
}
