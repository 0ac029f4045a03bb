//! The programs that some tests need: a browser, scripts for it, Node, Java with ZooKeeper, and
//! clients of ZooKeeper for several languages.
//!
//! Each is looked for first, then installed where that is possible, then reported as missing with
//! the way to get it. A path given in the environment wins over everything.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::npm::{self, Package};
use crate::{install, process};

/// Something that tests need and this workspace does not bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Node, which runs the core's suites as wasm.
    Node,
    /// A Chromium and the chromedriver of the same version.
    Browser,
    /// axe-core and Mermaid, as the package registry of Node has them.
    Scripts,
    /// A Java runtime and Apache ZooKeeper as Debian packages it.
    ZooKeeper,
    /// A Java compiler and Apache Curator as Debian packages it.
    Curator,
    /// A C compiler and ZooKeeper's C client.
    CClient,
    /// node-zookeeper-client, as the package registry of Node has it.
    NodeClient,
    /// A Python with kazoo, in a virtual environment of our own.
    Kazoo,
    /// Namespaces, a tracer that makes disks slow, and a library that sets clocks off.
    Faults,
}

/// Environment variables that tell a test program where its tools are.
pub type Variables = Vec<(&'static str, PathBuf)>;

impl Need {
    /// What it is, for a person.
    pub fn name(self) -> &'static str {
        match self {
            Need::Node => "Node",
            Need::Browser => "Chromium with chromedriver",
            Need::Scripts => "axe-core and Mermaid",
            Need::ZooKeeper => "Apache ZooKeeper with Java",
            Need::Curator => "Apache Curator with javac",
            Need::CClient => "ZooKeeper's C client with a C compiler",
            Need::NodeClient => "node-zookeeper-client",
            Need::Kazoo => "Python with kazoo",
            Need::Faults => "unshare, ip, strace and libfaketime",
        }
    }

    /// How to get it where it can't be installed from here.
    pub fn advice(self) -> String {
        let apt = install::apt_command(&self.packages());
        match self {
            Need::Node => format!("{apt}, or put `node` 18 or newer on PATH"),
            Need::Browser => format!(
                "{apt}, or install Chrome and chromedriver and name them in VIVARIUM_CHROMIUM and \
                 VIVARIUM_CHROMEDRIVER"
            ),
            Need::Scripts => {
                let each = |it: &Package| {
                    format!("the script of {} {} in {}", it.name, it.version, it.variable)
                };
                format!("{apt}, or name {}", SCRIPTS.each_ref().map(each).join(" and "))
            }
            Need::ZooKeeper => format!(
                "{apt}, or unpack Apache ZooKeeper and name bin/zkCli.sh in VIVARIUM_ZKCLI and \
                 its jars in VIVARIUM_ZOOKEEPER_CLASSPATH; openssl is needed, too, or name it in \
                 VIVARIUM_OPENSSL"
            ),
            Need::Curator => format!(
                "{apt}, or name javac in VIVARIUM_JAVAC and the jars of Apache Curator in \
                 VIVARIUM_CURATOR_CLASSPATH"
            ),
            Need::CClient => format!(
                "{apt}, or name in VIVARIUM_CC a C compiler that finds zookeeper/zookeeper.h and \
                 libzookeeper_mt"
            ),
            Need::NodeClient => {
                let Package { name, version, variable, .. } = npm::ZOOKEEPER;
                format!("{apt}, or name index.js of {name} {version} in {variable}")
            }
            Need::Kazoo => format!(
                "{apt}, or name in VIVARIUM_PYTHON a Python that has kazoo \
                 (`pip install kazoo pure-sasl`)"
            ),
            Need::Faults => format!(
                "{apt}, or put unshare, nsenter, ip and strace on PATH and name libfaketime.so.1 \
                 in VIVARIUM_FAKETIME"
            ),
        }
    }

    /// Finds it, or installs it.
    ///
    /// # Errors
    /// When it is not here and can't be installed; the message says why not.
    pub fn ensure(self) -> Result<Variables> {
        if let Some(variables) = self.find() {
            return Ok(variables);
        }
        if self == Need::Kazoo && make_environment().is_ok() {
            return self.find().context("kazoo was installed, but can't be imported");
        }
        if self == Need::Scripts && process::which("npm").is_some() {
            fetch_scripts()?;
            return self.find().context("a script was fetched, but is not where it should be");
        }
        if self == Need::NodeClient && process::which("npm").is_some() {
            npm::ZOOKEEPER.fetch()?;
            return self.find().context("the client was fetched, but is not where it should be");
        }
        install::apt(&self.packages())?;
        if self == Need::NodeClient {
            npm::ZOOKEEPER.fetch()?;
        }
        if self == Need::Kazoo {
            make_environment()?;
        }
        if self == Need::Scripts {
            fetch_scripts()?;
        }
        match self.find() {
            Some(variables) => Ok(variables),
            None => bail!("{} was installed, but is still not found", self.name()),
        }
    }

    fn find(self) -> Option<Variables> {
        match self {
            Need::Node => {
                Some(vec![("VIVARIUM_NODE", given("VIVARIUM_NODE", &["node", "nodejs"])?)])
            }
            Need::Browser => browser(),
            Need::Scripts => scripts(),
            Need::ZooKeeper => zookeeper(),
            Need::Curator => curator(),
            Need::CClient => c_client(),
            Need::NodeClient => Some(vec![
                ("VIVARIUM_NODE", given("VIVARIUM_NODE", &["node", "nodejs"])?),
                (npm::ZOOKEEPER.variable, npm::ZOOKEEPER.find()?),
            ]),
            Need::Kazoo => kazoo(),
            Need::Faults => faults(),
        }
    }

    fn packages(self) -> Vec<&'static str> {
        match self {
            Need::Node => vec!["nodejs"],
            Need::Browser if lacks_chinese_font() => {
                vec!["chromium", "chromium-driver", "fontconfig", "fonts-wqy-microhei"]
            }
            Need::Browser => vec!["chromium", "chromium-driver"],
            Need::Scripts => vec!["npm"],
            Need::ZooKeeper => vec!["default-jre-headless", "openssl", "zookeeper"],
            Need::Curator => vec!["default-jdk-headless", "libcurator-recipes-java"],
            Need::CClient => vec!["gcc", "libc6-dev", "libzookeeper-mt-dev"],
            Need::NodeClient => vec!["nodejs", "npm"],
            Need::Kazoo => vec!["python3", "python3-venv"],
            Need::Faults => vec!["util-linux", "iproute2", "strace", "faketime"],
        }
    }
}

fn browser() -> Option<Variables> {
    let names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", MAC_CHROME];
    Some(vec![
        ("VIVARIUM_CHROMIUM", given("VIVARIUM_CHROMIUM", &names)?),
        ("VIVARIUM_CHROMEDRIVER", given("VIVARIUM_CHROMEDRIVER", &["chromedriver"])?),
    ])
}

const MAC_CHROME: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Without such a font a screenshot shows boxes; the tests themselves do without.
fn lacks_chinese_font() -> bool {
    process::output(Command::new("fc-list").arg(":lang=zh")).map_or(true, |fonts| fonts.is_empty())
}

/// The scripts that tests of the page run in a browser.
const SCRIPTS: [Package; 2] = [npm::AXE, npm::MERMAID];

fn scripts() -> Option<Variables> {
    SCRIPTS.iter().map(|script| Some((script.variable, script.find()?))).collect()
}

fn fetch_scripts() -> Result<()> {
    SCRIPTS.iter().filter(|script| script.find().is_none()).try_for_each(Package::fetch)
}

fn zookeeper() -> Option<Variables> {
    let java = given("VIVARIUM_JAVA", &["java"])?;
    let shell = given("VIVARIUM_ZKCLI", &["/usr/share/zookeeper/bin/zkCli.sh", "zkCli.sh"])?;
    // The jar's own manifest names the other jars it needs.
    let jars = given("VIVARIUM_ZOOKEEPER_CLASSPATH", &["/usr/share/java/zookeeper.jar"])?;
    let openssl = given("VIVARIUM_OPENSSL", &["openssl"])?;
    Some(vec![
        ("VIVARIUM_JAVA", java),
        ("VIVARIUM_OPENSSL", openssl),
        ("VIVARIUM_ZKCLI", shell),
        ("VIVARIUM_ZOOKEEPER_CLASSPATH", jars),
    ])
}

fn curator() -> Option<Variables> {
    let jars = given("VIVARIUM_CURATOR_CLASSPATH", &["/usr/share/java/curator-recipes.jar"])?;
    let compiler = given("VIVARIUM_JAVAC", &["javac"])?;
    Some(vec![("VIVARIUM_JAVAC", compiler), ("VIVARIUM_CURATOR_CLASSPATH", jars)])
}

fn c_client() -> Option<Variables> {
    let named = std::env::var_os("VIVARIUM_CC").is_some_and(|path| !path.is_empty());
    let is_here = named || Path::new("/usr/include/zookeeper/zookeeper.h").is_file();
    let compiler = given("VIVARIUM_CC", &["cc", "gcc"]).filter(|_| is_here)?;
    Some(vec![("VIVARIUM_CC", compiler)])
}

/// What `cargo xtask chaos` does its faults with.
fn faults() -> Option<Variables> {
    let programs = ["unshare", "nsenter", "ip", "strace"];
    let all = programs.iter().all(|program| process::which(program).is_some());
    let machine = std::env::consts::ARCH;
    let library = format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1");
    let library = given("VIVARIUM_FAKETIME", &[&library]).filter(|_| all)?;
    Some(vec![("VIVARIUM_FAKETIME", library)])
}

fn kazoo() -> Option<Variables> {
    let python = match std::env::var_os("VIVARIUM_PYTHON") {
        Some(path) => PathBuf::from(path),
        None => environment().ok()?.join("bin/python"),
    };
    has_kazoo(&python).then(|| vec![("VIVARIUM_PYTHON", python)])
}

fn has_kazoo(python: &Path) -> bool {
    process::output(Command::new(python).args(["-c", "import kazoo.client, puresasl"])).is_ok()
}

/// The virtual environment for kazoo: nobody's own Python is touched.
fn environment() -> Result<PathBuf> {
    Ok(install::cache()?.join("python"))
}

fn make_environment() -> Result<()> {
    let folder = environment()?;
    println!("   installing kazoo into {}", folder.display());
    let mut create = Command::new("python3");
    process::output(create.args(["-m", "venv", "--clear"]).arg(&folder))
        .context("a virtual environment for Python can't be made")?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "kazoo>=2.10,<3", "pure-sasl>=0.6,<1"]);
    process::output(&mut pip).context("kazoo can't be fetched from the package index")?;
    Ok(())
}

/// The path in the variable if it is set, else the first of these programs that is there.
fn given(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return Some(PathBuf::from(path));
    }
    names.iter().find_map(|name| {
        let path = Path::new(name);
        if path.is_absolute() {
            path.is_file().then(|| path.to_owned())
        } else {
            process::which(name)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_with_the_command_that_gets_it() {
        let clients = [Need::Curator, Need::CClient, Need::NodeClient, Need::Kazoo];
        let others = [Need::Node, Need::Browser, Need::Scripts, Need::ZooKeeper, Need::Faults];
        for need in others.into_iter().chain(clients) {
            let advice = need.advice();
            assert!(advice.starts_with("apt-get install -y"), "{need:?}: {advice}");
            assert!(advice.contains(", or "), "{need:?} says nothing for other systems: {advice}");
        }
    }

    #[test]
    fn the_first_program_that_is_there_is_taken() {
        let none = given("VIVARIUM_NOT_SET", &["no-such-program", "/no/such/program"]);
        assert_eq!(none, None);
        let shell = given("VIVARIUM_NOT_SET", &["no-such-program", "/bin/sh"]);
        assert_eq!(shell, Some(PathBuf::from("/bin/sh")));
    }
}
