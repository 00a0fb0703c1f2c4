//! A disk that takes no more, at each file that a block writes.

use ledger::comet::{Block, Chain};

use crate::chain::{begun, block, services};
use crate::world::NOW;

/// Where a file is written that is to be put into place when it is whole, writing finds no room.
#[cfg(target_os = "linux")]
#[test]
fn a_block_that_finds_no_room_is_as_if_it_had_not_been() {
    let (world, events) = services(4);
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    block(&mut chain, NOW, &events[..2]);
    for file in [
        "tile/entries/000.p/5.new",
        "tile/0/000.p/5.new",
        "chain.json.new",
    ] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let before = (chain.height(), chain.app_hash());
        let next = Block {
            height: 2,
            hash: &[8; 32],
            time: NOW,
        };
        let done = chain.execute(&next, events[2..].iter().map(Vec::as_slice));
        assert!(done.unwrap().results.iter().all(Result::is_ok));
        let error = chain.commit().unwrap_err();
        assert_eq!(error.name(), "disk_full", "{file}: {error}");
        assert_eq!((chain.height(), chain.app_hash()), before, "{file}");
        // The process ends, and there is room again.
        drop(chain);
        std::fs::remove_file(&path).unwrap();
        chain = Chain::open(folder.path()).unwrap();
        assert_eq!((chain.height(), chain.app_hash()), before, "{file}");
    }
    // Consensus gives the block once more.
    assert!(
        block(&mut chain, NOW, &events[2..])
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(chain.registry().state(), world.registry.state());
}
