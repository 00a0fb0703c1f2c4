//! Locks before the computer sleeps.
//!
//! On Linux `logind` says so, and waits for those who asked for a short delay. Elsewhere there is
//! nothing yet; the idle timer locks at the first look after waking, because the wall clock moved.

/// Calls `lock` each time the computer is about to sleep, for as long as the program runs.
///
/// Without a system bus or `logind` this ends at once and does nothing.
#[cfg(target_os = "linux")]
pub(crate) fn watch(lock: impl Fn() + Send + 'static) {
    std::thread::spawn(move || {
        // Nobody to tell: the idle timer remains.
        let _ = linux::watch(&lock);
    });
}

/// There is no such notice on this platform yet.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_lock: impl Fn() + Send + 'static) {}

#[cfg(target_os = "linux")]
mod linux {
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::OwnedFd;

    pub(super) fn watch(lock: &impl Fn()) -> zbus::Result<()> {
        let bus = Connection::system()?;
        let logind = Proxy::new(
            &bus,
            "org.freedesktop.login1",
            "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager",
        )?;
        let notices = logind.receive_signal("PrepareForSleep")?;
        let mut delay = inhibit(&logind);
        for notice in notices {
            let about_to_sleep: bool = notice.body().deserialize()?;
            if about_to_sleep {
                lock();
                // Closing it tells logind that we are ready.
                drop(delay.take());
            } else {
                delay = inhibit(&logind);
            }
        }
        Ok(())
    }

    /// Asks logind to wait for us. Where it says no, locking races with sleeping.
    fn inhibit(logind: &Proxy<'_>) -> Option<OwnedFd> {
        let ask = ("sleep", "Cairn", "To lock the wallet", "delay");
        logind.call("Inhibit", &ask).ok()
    }
}
