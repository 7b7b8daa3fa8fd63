//! Listeners: sockets, TLS, HTTP/1.1 and HTTP/2, limits against slow and greedy clients, and the graceful stop.
//!
//! Binding and serving are two steps, because the ports decide the issuers that the router is built with.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::connection::Scheme;

/// What one connection, and all of them together, may take.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections served at once; more wait in the kernel's queue.
    pub max_connections: usize,
    /// From accepting to the first complete request header, TLS handshake included, and between requests after that.
    pub header_read_timeout: Duration,
    /// Header fields per request.
    pub max_headers: usize,
    /// Bytes of a request's header.
    pub max_header_bytes: usize,
    /// Requests at once on one HTTP/2 connection.
    pub max_concurrent_streams: u32,
}

/// How the process stops.
#[derive(Debug, Clone)]
pub struct Stopping {
    /// How long requests are still accepted while `/readyz` already refuses, for balancers that poll.
    pub delay: Duration,
    /// How long requests in flight may take after that.
    pub deadline: Duration,
}

/// Why an address could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    /// Which address.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

/// Sockets that listen but do not answer yet.
#[derive(Debug, Default)]
pub struct Bound {
    sockets: Vec<(SocketAddr, TcpListener)>,
}

impl Bound {
    /// Binds each address.
    pub async fn addresses(addresses: &[SocketAddr]) -> Result<Self, BindError> {
        let mut bound = Self::default();
        for address in addresses {
            bound.sockets.push(bind(*address).await?);
        }
        Ok(bound)
    }

    /// Binds one port on both loopback addresses, because browsers take either for `localhost`. Port 0 asks for a
    /// port that is free on both. A machine without IPv6 gets IPv4 only.
    pub async fn localhost(port: u16) -> Result<Self, BindError> {
        // A port that is free on IPv4 may be taken on IPv6; with port 0 another one is as good.
        let mut attempts = if port == 0 { 16 } else { 1 };
        loop {
            attempts -= 1;
            let v4 = bind((Ipv4Addr::LOCALHOST, port).into()).await?;
            match bind((Ipv6Addr::LOCALHOST, v4.0.port()).into()).await {
                Ok(v6) => {
                    return Ok(Self { sockets: vec![v4, v6] });
                }
                Err(error) if error.source.kind() != io::ErrorKind::AddrInUse => {
                    tracing::debug!(%error, "no IPv6 loopback");
                    return Ok(Self { sockets: vec![v4] });
                }
                Err(error) if attempts == 0 => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The port of the first socket.
    pub fn port(&self) -> Option<u16> {
        self.sockets.first().map(|(address, _)| address.port())
    }

    /// Every address with its real port.
    pub fn local_addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().map(|(address, _)| *address).collect()
    }
}

async fn bind(address: SocketAddr) -> Result<(SocketAddr, TcpListener), BindError> {
    let failed = |source| BindError { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((address, listener))
}

/// How a stop went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Every request in flight was answered.
    Drained,
    /// The deadline, or a second signal, cut requests off.
    CutOff,
}

/// All listeners of the process.
pub struct Server {
    limits: Arc<ConnectionLimits>,
    public: Vec<Endpoint>,
    operations: Vec<Endpoint>,
    stopping: watch::Sender<bool>,
}

struct Endpoint {
    bound: Bound,
    router: Router,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// A server without listeners.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { limits: Arc::new(limits), public: Vec::new(), operations: Vec::new(), stopping: watch::Sender::new(false) }
    }

    /// Serves plain HTTP.
    pub fn http(&mut self, bound: Bound, router: Router) {
        self.public.push(Endpoint { bound, router, tls: None });
    }

    /// Serves HTTPS.
    pub fn https(&mut self, bound: Bound, router: Router, tls: Arc<ServerConfig>) {
        self.public.push(Endpoint { bound, router, tls: Some(tls.into()) });
    }

    /// Serves metrics and health over plain HTTP, with connections of its own and until the very end of a stop.
    pub fn operations(&mut self, bound: Bound, router: Router) {
        self.operations.push(Endpoint { bound, router, tls: None });
    }

    /// Turns true as soon as a stop was asked for; `/readyz` refuses from then on.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Serves until the first message on `stop`, then finishes what is in flight. A second message ends the waiting.
    /// When this returns the caller closes the store: after [`Stopped::Drained`] no handler runs any more.
    pub async fn run(self, mut stop: mpsc::Receiver<()>, how: Stopping) -> Stopped {
        let accepting = watch::Sender::new(true);
        let watched = watch::Sender::new(true);
        let mut public = start(self.public, &self.limits, &accepting);
        let operations = start(self.operations, &self.limits, &watched);

        let _ = stop.recv().await;
        self.stopping.send_replace(true);
        tracing::info!("stopping");
        let drained = async {
            tokio::time::sleep(how.delay).await;
            accepting.send_replace(false);
            tokio::time::timeout(how.deadline, async { while public.join_next().await.is_some() {} }).await.is_ok()
        };
        let stopped = tokio::select! {
            drained = drained => if drained { Stopped::Drained } else { Stopped::CutOff },
            Some(()) = stop.recv() => Stopped::CutOff,
        };
        // Ends every task that is left. Requests of HTTP/1.1 are gone when this returns; those of HTTP/2 are tasks of
        // their own, which hyper ends at their next await once their connection is gone.
        public.shutdown().await;
        drop(operations);
        stopped
    }
}

/// SIGTERM and SIGINT (Ctrl-C) as messages.
pub fn signals() -> io::Result<mpsc::Receiver<()>> {
    let (send, receive) = mpsc::channel(2);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
            let mut signal = signal(kind)?;
            let send = send.clone();
            tokio::spawn(async move { while signal.recv().await.is_some() && send.send(()).await.is_ok() {} });
        }
    }
    #[cfg(not(unix))]
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && send.send(()).await.is_ok() {} });
    Ok(receive)
}

/// One task per socket. Each owns its connections, so ending the task ends them.
fn start(endpoints: Vec<Endpoint>, limits: &Arc<ConnectionLimits>, open: &watch::Sender<bool>) -> JoinSet<()> {
    let gate = Arc::new(Semaphore::new(limits.max_connections));
    let mut tasks = JoinSet::new();
    for endpoint in endpoints {
        let connection = Connection {
            scheme: match endpoint.tls {
                Some(_) => Scheme::Https,
                None => Scheme::Http,
            },
            tls: endpoint.tls,
            router: endpoint.router,
            limits: limits.clone(),
            open: open.subscribe(),
        };
        for (_, socket) in endpoint.bound.sockets {
            tasks.spawn(accept(socket, connection.clone(), gate.clone()));
        }
    }
    tasks
}

async fn accept(socket: TcpListener, connection: Connection, gate: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    let mut open = connection.open.clone();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = async {
                let accepted = socket.accept().await;
                // The gate never closes, so this only waits.
                (accepted, gate.clone().acquire_owned().await.ok())
            } => accepted,
            _ = open.wait_for(|open| !open) => break,
        };
        match accepted {
            (Ok((stream, peer)), permit) => {
                let connection = connection.clone();
                connections.spawn(async move {
                    connection.serve(stream, peer).await;
                    drop(permit);
                });
            }
            (Err(error), _) => {
                // Out of file descriptors, most likely: give the connections that end a moment to free some.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

#[derive(Clone)]
struct Connection {
    scheme: Scheme,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Arc<ConnectionLimits>,
    open: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, peer: SocketAddr) {
        // Answers are small and written whole: waiting to fill a segment only delays them.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.clone() else {
            return self.speak_http(stream, peer).await;
        };
        let handshake = tls.accept(stream);
        match tokio::time::timeout(self.limits.header_read_timeout, handshake).await {
            Ok(Ok(stream)) => self.speak_http(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        }
    }

    async fn speak_http(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let began = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let began = began.clone();
            let scheme = self.scheme;
            let router = self.router.clone();
            move |request| {
                began.store(true, Ordering::Relaxed);
                answer(router.clone(), request, scheme, peer)
            }
        });
        let http = self.http();
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        // hyper times the header of HTTP/1 only once it knows that it is HTTP/1; a client that sends half a preface,
        // or an HTTP/2 client that never asks, would stay for ever.
        let first_request = tokio::time::sleep(self.limits.header_read_timeout);
        tokio::pin!(first_request);
        let (mut timed, mut closing) = (true, false);
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "connection ended");
                    }
                    return;
                }
                () = &mut first_request, if timed => {
                    timed = false;
                    if !began.load(Ordering::Relaxed) {
                        return;
                    }
                }
                _ = self.open.wait_for(|open| !open), if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    fn http(&self) -> auto::Builder<TokioExecutor> {
        let limits = &self.limits;
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_read_timeout)
            .max_headers(limits.max_headers)
            .max_buf_size(limits.max_header_bytes);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(limits.header_read_timeout)
            .keep_alive_timeout(limits.header_read_timeout)
            .max_concurrent_streams(limits.max_concurrent_streams)
            .max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX));
        http
    }
}

async fn answer(
    mut router: Router,
    request: hyper::Request<Incoming>,
    scheme: Scheme,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(scheme);
    router.call(request).await
}
