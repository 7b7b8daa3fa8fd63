//! A flow as the client carries it: sealed, bound to the tenant and to the browser that began it.

use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use doorward_protocol::seal::SealError;
use doorward_protocol::signin::SignIn;
use doorward_store::engine::Batch;
use doorward_store::short_lived;
use uuid::Uuid;

/// Seconds that a flow is good for.
pub const FLOW_SECONDS: i64 = 3600;
/// Longest sealed flow that travels by itself; a longer one is parked and its id travels. Addresses of some thousand bytes
/// still pass every proxy.
const LONGEST: usize = 4000;
const PURPOSE: &str = "sign-in flow";
const PARKED: &str = "p.";

/// Why a flow is not taken.
#[derive(Debug)]
pub enum FlowError {
    /// Genuine and of this browser, but too old.
    Expired(Box<SignIn>),
    /// Not one of ours, or of another tenant, or cut off.
    Malformed,
    /// Begun in another browser.
    OtherBrowser,
    /// The browser sends no cookies.
    NoCookies,
}

impl Service {
    pub(crate) async fn seal_flow(&self, cx: &Cx, state: &SignIn) -> Result<String, Error> {
        let until = cx.now.plus_seconds(FLOW_SECONDS);
        let sealed = self.secrets.seal(PURPOSE, cx.tenant_id(), until, state)?;
        if sealed.len() <= LONGEST {
            return Ok(sealed);
        }
        let id = new_id(cx.now);
        self.store.commit(Batch::new().with(short_lived::park(cx.tenant_id(), id, &sealed, until))).await?;
        Ok(format!("{PARKED}{}", id.simple()))
    }

    pub(crate) async fn open_flow(&self, cx: &Cx, flow: &str) -> Result<Result<SignIn, FlowError>, Error> {
        let parked;
        let sealed = match flow.strip_prefix(PARKED) {
            None => flow,
            Some(id) => {
                let Ok(id) = Uuid::parse_str(id) else { return Ok(Err(FlowError::Malformed)) };
                match self.store.parked_state(cx.tenant_id(), id, cx.now).await? {
                    Some(sealed) => {
                        parked = sealed;
                        &parked
                    }
                    None => return Ok(Err(FlowError::Malformed)),
                }
            }
        };
        let (state, expired) = match self.secrets.open::<SignIn>(PURPOSE, cx.tenant_id(), cx.now, sealed) {
            Ok(state) => (state, false),
            Err(SealError::Expired) => match self.secrets.open_expired::<SignIn>(PURPOSE, cx.tenant_id(), sealed) {
                Ok(state) => (state, true),
                Err(_) => return Ok(Err(FlowError::Malformed)),
            },
            Err(_) => return Ok(Err(FlowError::Malformed)),
        };
        if cx.client.browser.is_empty() {
            return Ok(Err(FlowError::NoCookies));
        }
        // Somebody who was sent another's flow must not finish it for them, nor find themselves signed in as them.
        if state.browser != cx.client.browser {
            return Ok(Err(FlowError::OtherBrowser));
        }
        Ok(if expired { Err(FlowError::Expired(Box::new(state))) } else { Ok(state) })
    }
}
