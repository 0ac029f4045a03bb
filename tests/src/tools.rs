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

/// The same with what Netty needs for TLS, which the manifest of Debian's package leaves out.
#[must_use]
pub fn zookeeper_class_path_with_netty() -> String {
    class_path_with(&["netty-codec.jar", "netty-resolver.jar"])
}

/// The same with what servers need besides: what prints the log, which that manifest leaves out,
/// too, and Netty, which looks at what begins TLS.
#[must_use]
pub fn zookeeper_class_path_of_servers() -> String {
    class_path_with(&["slf4j-simple.jar", "netty-codec.jar", "netty-resolver.jar"])
}

fn class_path_with(jars: &[&str]) -> String {
    let path = zookeeper_class_path();
    let more: Vec<PathBuf> = jars.iter().map(|jar| path.with_file_name(jar)).collect();
    let more = more.iter().filter(|jar| jar.is_file());
    let all = [&path].into_iter().chain(more).map(|jar| jar.display().to_string());
    all.collect::<Vec<_>>().join(":")
}

/// Apache Curator, as a class path for `java`.
///
/// # Panics
/// When VIVARIUM_CURATOR_CLASSPATH is not set.
#[must_use]
pub fn curator_class_path() -> PathBuf {
    required("VIVARIUM_CURATOR_CLASSPATH")
}

/// The `javac` program.
///
/// # Panics
/// When VIVARIUM_JAVAC is not set.
#[must_use]
pub fn javac() -> PathBuf {
    required("VIVARIUM_JAVAC")
}

/// A C compiler that finds ZooKeeper's C client.
///
/// # Panics
/// When VIVARIUM_CC is not set.
#[must_use]
pub fn c_compiler() -> PathBuf {
    required("VIVARIUM_CC")
}

/// The `node` program.
///
/// # Panics
/// When VIVARIUM_NODE is not set.
#[must_use]
pub fn node() -> PathBuf {
    required("VIVARIUM_NODE")
}

/// The main file of the package node-zookeeper-client.
///
/// # Panics
/// When VIVARIUM_NODE_ZOOKEEPER is not set.
#[must_use]
pub fn node_client() -> PathBuf {
    required("VIVARIUM_NODE_ZOOKEEPER")
}

/// The `java` program.
#[must_use]
pub fn java() -> PathBuf {
    std::env::var_os("VIVARIUM_JAVA").map_or_else(|| PathBuf::from("java"), PathBuf::from)
}

/// The `openssl` program, which makes keys and certificates.
#[must_use]
pub fn openssl() -> PathBuf {
    std::env::var_os("VIVARIUM_OPENSSL").map_or_else(|| PathBuf::from("openssl"), PathBuf::from)
}

/// Java's `keytool`, which makes stores; it comes with `java`.
#[must_use]
pub fn keytool() -> PathBuf {
    let java = java();
    let beside = java.with_file_name("keytool");
    if beside.is_file() { beside } else { PathBuf::from("keytool") }
}

fn required(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable).filter(|value| !value.is_empty());
    value.map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: run this suite by `cargo xtask test`, which sets it")
    })
}
