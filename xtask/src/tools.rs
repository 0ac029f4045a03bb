//! The programs that some tests need: a browser, axe-core for it, Node, Python with kazoo, Java
//! with ZooKeeper.
//!
//! Each is looked for first, then installed where that is possible, then reported as missing with
//! the way to get it. A path given in the environment wins over everything.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{install, process};

/// Something that tests need and this workspace does not bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Node, which runs the core's suites as wasm.
    Node,
    /// A Chromium and the chromedriver of the same version.
    Browser,
    /// axe-core, the checker of accessibility, as the package registry of Node has it.
    Axe,
    /// A Java runtime and Apache ZooKeeper as Debian packages it.
    ZooKeeper,
    /// A Python with kazoo, in a virtual environment of our own.
    Kazoo,
}

/// Environment variables that tell a test program where its tools are.
pub type Variables = Vec<(&'static str, PathBuf)>;

impl Need {
    /// What it is, for a person.
    pub fn name(self) -> &'static str {
        match self {
            Need::Node => "Node",
            Need::Browser => "Chromium with chromedriver",
            Need::Axe => "axe-core",
            Need::ZooKeeper => "Apache ZooKeeper with Java",
            Need::Kazoo => "Python with kazoo",
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
            Need::Axe => format!(
                "{apt}, or fetch axe.min.js of axe-core {AXE_VERSION} and name it in VIVARIUM_AXE"
            ),
            Need::ZooKeeper => format!(
                "{apt}, or unpack Apache ZooKeeper and name bin/zkCli.sh in VIVARIUM_ZKCLI and \
                 its jars in VIVARIUM_ZOOKEEPER_CLASSPATH"
            ),
            Need::Kazoo => format!(
                "{apt}, or name a Python that has kazoo (`pip install kazoo`) in VIVARIUM_PYTHON"
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
        if self == Need::Axe && process::which("npm").is_some() {
            fetch_axe()?;
            return self.find().context("axe-core was fetched, but is not where it should be");
        }
        install::apt(&self.packages())?;
        if self == Need::Kazoo {
            make_environment()?;
        }
        if self == Need::Axe {
            fetch_axe()?;
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
            Need::Axe => axe(),
            Need::ZooKeeper => zookeeper(),
            Need::Kazoo => kazoo(),
        }
    }

    fn packages(self) -> Vec<&'static str> {
        match self {
            Need::Node => vec!["nodejs"],
            Need::Browser if lacks_chinese_font() => {
                vec!["chromium", "chromium-driver", "fontconfig", "fonts-wqy-microhei"]
            }
            Need::Browser => vec!["chromium", "chromium-driver"],
            Need::Axe => vec!["npm"],
            Need::ZooKeeper => vec!["default-jre-headless", "zookeeper"],
            Need::Kazoo => vec!["python3", "python3-venv"],
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

/// The version of axe-core that the page is held to: a newer one may know more rules.
const AXE_VERSION: &str = "4.14.1";
/// What that version's archive hashes to, as npm writes it; npm refuses any other.
const AXE_INTEGRITY: &str = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5\
    qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

fn axe_folder() -> Result<PathBuf> {
    Ok(install::cache()?.join(format!("axe-core-{AXE_VERSION}")))
}

fn axe() -> Option<Variables> {
    let file = match std::env::var_os("VIVARIUM_AXE").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => axe_folder().ok()?.join("node_modules/axe-core/axe.min.js"),
    };
    file.is_file().then(|| vec![("VIVARIUM_AXE", file)])
}

/// Fetches axe-core by a lock file of our own, so that what arrives is what was reviewed.
fn fetch_axe() -> Result<()> {
    let folder = axe_folder()?;
    println!("   fetching axe-core {AXE_VERSION} into {}", folder.display());
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("can't create {}", folder.display()))?;
    let wanted = serde_json::json!({ "axe-core": AXE_VERSION });
    let archive = serde_json::json!({ "version": AXE_VERSION, "integrity": AXE_INTEGRITY });
    let package = serde_json::json!({ "name": "tools", "private": true, "dependencies": wanted });
    let lock = serde_json::json!({
        "name": "tools",
        "lockfileVersion": 3,
        "packages": { "": { "dependencies": wanted }, "node_modules/axe-core": archive },
    });
    for (name, text) in [("package.json", package), ("package-lock.json", lock)] {
        std::fs::write(folder.join(name), text.to_string())
            .with_context(|| format!("can't write {name} in {}", folder.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::output(&mut npm).context("axe-core can't be fetched from the package registry")?;
    Ok(())
}

fn zookeeper() -> Option<Variables> {
    let java = given("VIVARIUM_JAVA", &["java"])?;
    let shell = given("VIVARIUM_ZKCLI", &["/usr/share/zookeeper/bin/zkCli.sh", "zkCli.sh"])?;
    // The jar's own manifest names the other jars it needs.
    let jars = given("VIVARIUM_ZOOKEEPER_CLASSPATH", &["/usr/share/java/zookeeper.jar"])?;
    Some(vec![
        ("VIVARIUM_JAVA", java),
        ("VIVARIUM_ZKCLI", shell),
        ("VIVARIUM_ZOOKEEPER_CLASSPATH", jars),
    ])
}

fn kazoo() -> Option<Variables> {
    let python = match std::env::var_os("VIVARIUM_PYTHON") {
        Some(path) => PathBuf::from(path),
        None => environment().ok()?.join("bin/python"),
    };
    has_kazoo(&python).then(|| vec![("VIVARIUM_PYTHON", python)])
}

fn has_kazoo(python: &Path) -> bool {
    process::output(Command::new(python).args(["-c", "import kazoo.client"])).is_ok()
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
    pip.args(["-m", "pip", "install", "--quiet", "kazoo>=2.10,<3"]);
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
        for need in [Need::Node, Need::Browser, Need::Axe, Need::ZooKeeper, Need::Kazoo] {
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
