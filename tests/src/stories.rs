//! The stories under `stories/`, for every suite that plays them.

use std::path::{Path, PathBuf};

use vivarium_sim::{Player, Story, Timeline};

/// Where the stories are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stories")
}

/// Every story, by path.
///
/// # Panics
/// When one can't be read.
#[must_use]
pub fn all() -> Vec<(PathBuf, Story)> {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder of stories can be read") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "story") {
                let text = std::fs::read_to_string(&path).expect("a story is text");
                let story = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                found.push((path, story));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// A story's run, as it was played.
///
/// # Panics
/// When it can't be played.
#[must_use]
pub fn played(story: &Story) -> Timeline {
    Timeline::from_run(Player::play(story).expect("it can be played").run)
}
