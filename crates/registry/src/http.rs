//! How much of this computer a stranger on the network gets: connections, their time, and how
//! often one address may ask.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

use crate::failure::Failure;

/// Connections at the same time.
const MAX_CONNECTIONS: usize = 256;
/// A connection on which nothing moves for so long is closed, also in the middle of a request.
const IDLE: Duration = Duration::from_secs(30);
/// A connection is closed after so long whatever moves on it.
const LIFETIME: Duration = Duration::from_secs(600);
/// An answer is made within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Addresses that are counted at the same time.
const MAX_PEERS: usize = 4096;

/// How often one address may ask.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    /// At once.
    pub(crate) burst: f64,
    /// A second, in the long run.
    pub(crate) steady: f64,
}

/// Binds to an address, and says which it got.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error: io::Error| {
        Failure::failed("listen", format!("cannot listen on {address}: {error}"))
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Serves until the program is told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    rate: Rate,
) -> Result<(), Failure> {
    let peers = Arc::new(Peers {
        rate,
        buckets: Mutex::default(),
    });
    let router = router.layer(middleware::from_fn_with_state(peers, bound));
    let listener = Bounded {
        listener,
        places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        idle: IDLE,
        lifetime: LIFETIME,
    };
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<Peer>(),
    )
    .with_graceful_shutdown(stopped())
    .await
    .map_err(|error| Failure::failed("listen", error.to_string()))
}

async fn bound(
    State(peers): State<Arc<Peers>>,
    ConnectInfo(Peer(address)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if !peers.take(address.ip(), Instant::now()) {
        let headers = [(header::RETRY_AFTER, "5")];
        return (StatusCode::TOO_MANY_REQUESTS, headers).into_response();
    }
    match tokio::time::timeout(ANSWER_WITHIN, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The address at the other end of a connection.
#[derive(Clone, Copy)]
struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A bucket for each address, which requests empty and time fills.
struct Peers {
    rate: Rate,
    buckets: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl Peers {
    fn take(&self, address: IpAddr, now: Instant) -> bool {
        let Rate { burst, steady } = self.rate;
        let filled = |(left, seen): (f64, Instant)| {
            let passed = now.saturating_duration_since(seen).as_secs_f64();
            (left + passed * steady).min(burst)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_PEERS {
            // Whoever is full again need not be remembered.
            buckets.retain(|_, bucket| filled(*bucket) < burst);
        }
        if buckets.len() >= MAX_PEERS && !buckets.contains_key(&address) {
            return false;
        }
        let bucket = buckets.entry(address).or_insert((burst, now));
        *bucket = (filled(*bucket), now);
        if bucket.0 < 1.0 {
            return false;
        }
        bucket.0 -= 1.0;
        true
    }
}

struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
    idle: Duration,
    lifetime: Duration,
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let place = Arc::clone(&self.places).acquire_owned().await;
            match (place, self.listener.accept().await) {
                (Ok(place), Ok((stream, peer))) => {
                    let connection = Connection {
                        stream,
                        idle: Box::pin(tokio::time::sleep(self.idle)),
                        patience: self.idle,
                        end: Box::pin(tokio::time::sleep(self.lifetime)),
                        _place: place,
                    };
                    return (connection, peer);
                }
                // As when the process has too many open files: it may pass.
                _ => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection with an end.
struct Connection {
    stream: TcpStream,
    idle: Pin<Box<Sleep>>,
    patience: Duration,
    end: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn bound<T>(
        &mut self,
        context: &mut Context<'_>,
        moved: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let over = || Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        if self.end.as_mut().poll(context).is_ready() {
            return over();
        }
        if moved.is_ready() {
            let next = tokio::time::Instant::now() + self.patience;
            self.idle.as_mut().reset(next);
            return moved;
        }
        match self.idle.as_mut().poll(context) {
            Poll::Ready(()) => over(),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.bound(context, moved)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bound(context, moved)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Ends when the program is told to stop.
pub(crate) async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[test]
    fn an_address_that_asks_too_often_waits_and_others_do_not() {
        let peers = Peers {
            rate: Rate {
                burst: 3.0,
                steady: 1.0,
            },
            buckets: Mutex::default(),
        };
        let (one, two) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let now = Instant::now();
        let taken = (0..5).filter(|_| peers.take(one, now)).count();
        assert_eq!(taken, 3);
        assert!(peers.take(two, now));
        assert!(peers.take(one, now + Duration::from_secs(1)));
        assert!(!peers.take(one, now + Duration::from_secs(1)));
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let peers = Peers {
            rate: Rate {
                burst: 2.0,
                steady: 1.0,
            },
            buckets: Mutex::default(),
        };
        let now = Instant::now();
        for number in 0..MAX_PEERS as u32 {
            assert!(peers.take(IpAddr::from(number.to_be_bytes()), now));
        }
        let late = IpAddr::from([250, 0, 0, 1]);
        assert!(!peers.take(late, now));
        assert!(peers.take(late, now + Duration::from_secs(2)));
        assert!(peers.buckets.lock().unwrap().len() < MAX_PEERS);
    }

    async fn one(idle: Duration, lifetime: Duration) -> (Bounded, SocketAddr) {
        let (listener, address) = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let bounded = Bounded {
            listener,
            places: Arc::new(Semaphore::new(1)),
            idle,
            lifetime,
        };
        (bounded, address)
    }

    #[tokio::test]
    async fn a_connection_ends_when_nothing_moves_and_frees_its_place() {
        let long = Duration::from_secs(3600);
        let (mut bounded, address) = one(Duration::from_millis(50), long).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let (mut connection, _) = bounded.accept().await;
        let mut buffer = [0; 8];
        let error = connection.read(&mut buffer).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let _next = TcpStream::connect(address).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_millis(50), bounded.accept()).await;
        assert!(waiting.is_err(), "there is one place");
        drop(connection);
        bounded.accept().await;
    }

    #[tokio::test]
    async fn a_connection_ends_after_its_lifetime_though_something_moves() {
        let long = Duration::from_secs(3600);
        let (mut bounded, address) = one(long, Duration::from_millis(100)).await;
        let mut busy = TcpStream::connect(address).await.unwrap();
        let (mut connection, _) = bounded.accept().await;
        tokio::spawn(async move {
            while busy.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let mut buffer = [0; 1];
        let error = loop {
            if let Err(error) = connection.read_exact(&mut buffer).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
