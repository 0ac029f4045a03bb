//! Scripts that some tests need from the package registry of Node, fetched by a lock file of our
//! own, so that what arrives is what was reviewed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::{install, process};

/// One script of one package.
pub struct Package {
    /// The package's name.
    pub name: &'static str,
    /// The version that the page is held to: a newer one may know more rules.
    pub version: &'static str,
    /// What that version's archive hashes to, as npm writes it; npm refuses any other.
    integrity: &'static str,
    /// The script in the package.
    file: &'static str,
    /// The packages that it needs, each with its version and what that hashes to.
    needs: &'static [(&'static str, &'static str, &'static str)],
    /// The variable that tells tests where it is, and wins over what is fetched.
    pub variable: &'static str,
}

/// axe-core, the checker of accessibility.
pub const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    integrity: "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5\
        qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    file: "axe.min.js",
    needs: &[],
    variable: "VIVARIUM_AXE",
};

/// Mermaid, which draws the sequence diagrams that the page writes.
pub const MERMAID: Package = Package {
    name: "mermaid",
    version: "11.17.2",
    integrity: "sha512-V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQ\
        xULMa80/qt5gHO73aCleBBg==",
    file: "dist/mermaid.min.js",
    needs: &[],
    variable: "VIVARIUM_MERMAID",
};

/// A client of ZooKeeper for Node.
pub const ZOOKEEPER: Package = Package {
    name: "node-zookeeper-client",
    version: "1.1.3",
    integrity: "sha512-S7DWrIpr16E03LSTbiuahcHvE/Aj3AJEh2X7+bL8sx/PoR8YNwUQlVspX1Qs\
        lkD5Pk9RsC8ZTMN2GapS8IrOYQ==",
    file: "index.js",
    needs: &[
        (
            "async",
            "3.2.6",
            "sha512-htCUDlxyyCLMgaM3xXg0C0LW2xqfuQ6p05pCEIsXuyQ+a1koYKTuBMzRNwmybfLgv\
             JDMd0r1LTn4+E0Ti6C2AA==",
        ),
        (
            "underscore",
            "1.13.7",
            "sha512-GMXzWtsc57XAtguZgaQViUOzs0KTkk8ojr3/xAxXLITqf/3EMwxC0inyETfDFjH/K\
             rbhuep0HNbbjI9i/q3F3g==",
        ),
    ],
    variable: "VIVARIUM_NODE_ZOOKEEPER",
};

impl Package {
    fn folder(&self) -> Result<PathBuf> {
        Ok(install::cache()?.join(format!("{}-{}", self.name, self.version)))
    }

    /// Where the script is, if it is here.
    pub fn find(&self) -> Option<PathBuf> {
        let file = match std::env::var_os(self.variable).filter(|path| !path.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => self.folder().ok()?.join("node_modules").join(self.name).join(self.file),
        };
        file.is_file().then_some(file)
    }

    /// Fetches the package.
    ///
    /// # Errors
    /// When npm can't, or what comes is not what is expected.
    pub fn fetch(&self) -> Result<()> {
        let Package { name, version, integrity, .. } = self;
        let folder = self.folder()?;
        println!("   fetching {name} {version} into {}", folder.display());
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("can't create {}", folder.display()))?;
        let wanted = json!({ *name: version });
        let package = json!({ "name": "tools", "private": true, "dependencies": wanted });
        let mut packages = json!({ "": { "dependencies": wanted } });
        for (name, version, integrity) in [(*name, *version, *integrity)].iter().chain(self.needs) {
            let archive = json!({ "version": version, "integrity": integrity });
            packages[format!("node_modules/{name}")] = archive;
        }
        // npm asks the lock file, too, what each package needs.
        let needs = self.needs.iter().map(|(name, version, _)| (*name, json!(version)));
        packages[format!("node_modules/{name}")]["dependencies"] = needs.collect();
        let lock = json!({ "name": "tools", "lockfileVersion": 3, "packages": packages });
        for (file, text) in [("package.json", package), ("package-lock.json", lock)] {
            std::fs::write(folder.join(file), text.to_string())
                .with_context(|| format!("can't write {file} in {}", folder.display()))?;
        }
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        process::output(&mut npm)
            .with_context(|| format!("{name} can't be fetched from the package registry"))?;
        Ok(())
    }
}
