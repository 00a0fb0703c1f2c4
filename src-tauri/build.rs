//! Lists the commands for Tauri's access control: without the list, every window may call them all.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(ipc::COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        // Cargo shows what a failed build script printed.
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
