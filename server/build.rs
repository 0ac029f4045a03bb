//! Notes when the server was built, for its version line, and makes new files of the page count.

use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    // The page may be built after the server. A debug build looks for its files where the folder
    // was when the server was compiled, so the folder must be there by then, empty or not.
    if let Err(error) = std::fs::create_dir_all("../dist") {
        println!("cargo:warning=the page's folder dist/ cannot be made: {error}");
    }
    println!("cargo:rerun-if-changed=../dist");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    println!("cargo:rustc-env=VIVARIUM_BUILT={}", date(given.unwrap_or_else(now)));
}

/// A moment in seconds since 1970 as `2026-11-23 01:30 UTC`.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the leap day is the last one.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3600, rest / 60 % 60)
}
