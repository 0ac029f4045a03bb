//! Keys, certificates and stores for tests of TLS, made by openssl and Java's keytool.

use crate::process::Folder;
use crate::tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The password of every store.
pub const PASSWORD: &str = "store-password";
/// Ann's subject as openssl takes it.
const ANN: &str = "/C=DE/O=Example, Inc./OU=web+UID=7/CN=ann/emailAddress=ann@example.org";
/// Ann's subject as Java writes it.
pub const ANN_SUBJECT: &str = "1.2.840.113549.1.9.1=#160f616e6e406578616d706c652e6f7267,CN=ann,\
                               OU=web+UID=7,O=Example\\, Inc.,C=DE";

/// A folder with an authority `ca`, certificates of it for `server` and `ann`, and one for `eve` of
/// her own: each has `NAME.key` and `NAME.crt`. Stores are added as they are asked for.
#[derive(Debug, Default)]
pub struct Stores(Folder);

impl Stores {
    /// Makes the keys and certificates.
    #[must_use]
    pub fn new() -> Stores {
        let stores = Stores(Folder::new());
        stores.sign_itself("ca", "/CN=Test CA");
        stores.sign_itself("eve", "/CN=eve");
        stores.issue("server", "/O=Example/CN=localhost", "IP:127.0.0.1,DNS:localhost");
        stores.issue("ann", ANN, "IP:127.0.0.1");
        stores
    }

    /// A file of this folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file of this folder, as text.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file was made")
    }

    fn sign_itself(&self, name: &str, subject: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        self.openssl(
            &format!(
                "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout {key} -out {certificate} -subj"
            ),
            &[subject],
        );
    }

    /// Makes a key, and a certificate of the authority for it.
    pub fn issue(&self, name: &str, subject: &str, also: &str) {
        let request = format!("{name}.csr");
        self.openssl(
            &format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {request} -subj"),
            &[subject],
        );
        let extensions = format!("{name}.ext");
        fs::write(self.path(&extensions), format!("subjectAltName={also}\n")).expect("it is ours");
        self.openssl(
            &format!(
                "x509 -req -in {request} -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
                 -extfile {extensions} -out {name}.crt"
            ),
            &[],
        );
    }

    /// A key with its chain, in one PEM file.
    #[must_use]
    pub fn pem(&self, name: &str) -> String {
        let file = format!("{name}.pem");
        let text = [self.text(&format!("{name}.key")), self.text(&format!("{name}.crt"))].concat();
        fs::write(self.path(&file), text).expect("it is ours");
        self.name(&file)
    }

    /// The same with the key encrypted.
    #[must_use]
    pub fn encrypted_pem(&self, name: &str) -> String {
        let file = format!("{name}-encrypted.pem");
        self.openssl(
            &format!("pkcs8 -topk8 -in {name}.key -passout pass:{PASSWORD} -out {file}"),
            &[],
        );
        let text = [self.text(&file), self.text(&format!("{name}.crt"))].concat();
        fs::write(self.path(&file), text).expect("it is ours");
        self.name(&file)
    }

    /// A PKCS12 store by openssl, with more options for it.
    #[must_use]
    pub fn pkcs12(&self, name: &str, file: &str, options: &str) -> String {
        self.openssl(
            &format!(
                "pkcs12 -export -inkey {name}.key -in {name}.crt -certfile ca.crt \
                 -passout pass:{PASSWORD} -out {file} {options}"
            ),
            &[],
        );
        self.name(file)
    }

    /// A store by keytool, `JKS` or `PKCS12`, out of one by openssl.
    #[must_use]
    pub fn by_keytool(&self, source: &str, file: &str, form: &str) -> String {
        self.keytool(
            &format!(
                "-importkeystore -srckeystore {source} -srcstorepass {PASSWORD} \
                 -destkeystore {file} -deststoretype {form} -deststorepass {PASSWORD}"
            ),
            &[],
        );
        self.name(file)
    }

    /// A key on an elliptic curve that keytool makes and vouches for itself, as PKCS12.
    #[must_use]
    pub fn elliptic(&self, file: &str) -> String {
        self.keytool(
            &format!(
                "-genkeypair -alias own -keyalg EC -groupname secp256r1 -storepass {PASSWORD} \
                 -storetype PKCS12 -keystore {file} -dname"
            ),
            &["CN=elliptic"],
        );
        self.name(file)
    }

    /// A store that trusts these certificates, by keytool.
    #[must_use]
    pub fn trusting(&self, names: &[&str], file: &str, form: &str) -> String {
        for name in names {
            self.keytool(
                &format!(
                    "-importcert -noprompt -alias {name} -file {name}.crt -keystore {file} \
                     -storetype {form} -storepass {PASSWORD}"
                ),
                &[],
            );
        }
        self.name(file)
    }

    fn openssl(&self, words: &str, more: &[&str]) {
        run(Command::new(tools::openssl()), words, more, self.0.path());
    }

    fn keytool(&self, words: &str, more: &[&str]) {
        run(Command::new(tools::keytool()), words, more, self.0.path());
    }
}

fn run(mut command: Command, words: &str, more: &[&str], folder: &Path) {
    command.args(words.split_whitespace()).args(more).current_dir(folder);
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("can't run {command:?}: {error}"));
    let complained = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?} failed:\n{said}\n{complained}");
}
