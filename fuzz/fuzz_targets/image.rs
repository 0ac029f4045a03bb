//! Fuzzes the image of a tree: whoever looks for its end must find the same one.

#![no_main]

use bytes::BytesMut;
use vivarium_protocol::replica::image;
use vivarium_protocol::wire::jute::put_string;
use vivarium_protocol::wire::quorum::{IMAGE_SIGNATURE, ImageScan};
use vivarium_protocol::wire::{fuzzing, jute};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzzing::image(bytes);
    let Ok((tree, used)) = image::decode(bytes) else {
        return;
    };
    let mut stream = BytesMut::from(&bytes[..used]);
    put_string(&mut stream, IMAGE_SIGNATURE);
    assert_eq!(ImageScan::new(jute::MAX_FIELD).advance(&stream), Ok(Some(used)));
    let mut again = BytesMut::new();
    image::encode(&tree, &mut again);
    let (same, used) = image::decode(&again).expect("an encoder's image decodes");
    assert_eq!((same.digest(), used), (tree.digest(), again.len()));
    assert_eq!(same.paths(), tree.paths());
});
