//! Puts a plan's properties and accounts on the target, and takes the properties away again. To do it
//! twice, or after a run that was cut off, gives the same. Accounts stay: the API has no call that
//! takes one away, and what one without a property does, nobody sees.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::task::JoinSet;

use super::plan::AgentIndex;
use super::plan::{PlannedProperty, RunPlan};
use super::product::{HttpCall, Method, Product, UnreadableAnswer};
use lamplighter_core::model::AgentStatus;
use lamplighter_target::{Caller, Host, HostError, HttpClient, Method as HttpMethod, Response};

/// So many calls at once.
const AT_ONCE_MAX: usize = 32;
/// How often a call is made again that the target had no time for.
const RETRIES: u32 = 5;
/// The pause before the first of them; each further one is twice as long.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Why a plan cannot be put on a target.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// A call failed, was refused, or was not answered as the product answers.
    #[error(transparent)]
    Call(#[from] HostError),
    /// The account is there, and cannot be logged in: someone else has it under another password.
    #[error("cannot log {agent} in to log out everywhere")]
    Login {
        /// The agent whose account it is.
        agent: String,
        /// What the target says.
        #[source]
        why: HostError,
    },
}

impl ProvisionError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Call(HostError::Address { .. }) => "for example --host http://127.0.0.1:8080",
            Self::Call(HostError::Unreachable { .. }) => {
                "is it running? `lamplighter serve` starts one, and without --host so does this command"
            }
            Self::Call(
                HostError::WrongKey { .. } | HostError::Refused { status: 401 | 403, .. },
            ) => {
                "the key is that of --admin-key-file at its start, or the one that its first start \
                 printed"
            }
            Self::Call(HostError::Refused { status: 429 | 503, .. }) => {
                "the target has no room for this plan: give it more, or take fewer properties and \
                 agents"
            }
            Self::Call(HostError::Machine(_)) => "the machine has no threads or sockets left",
            Self::Call(_) => "is it a service of the product that was named?",
            Self::Login { .. } => "does another run use the same --prefix on this target?",
        }
    }
}

/// A plan that stands on a target.
pub struct Provisioned {
    target: AdminCalls,
    plan: Arc<RunPlan>,
    /// What puts the target's timing back; `None` where it was as the plan has it.
    timing: Option<HttpCall>,
}

/// What the admin calls.
#[derive(Clone)]
struct AdminCalls {
    calls: HttpClient,
    product: Arc<dyn Product>,
}

/// Puts a plan's own properties there, their widgets, and their accounts; sets grace, with auto-away
/// off, for the whole service; and makes sure that none of the agents is still logged in from an
/// earlier run.
///
/// # Errors
/// The first call that does not succeed. What was put there by then stays, and is taken for its own
/// by the next run.
pub async fn provision(
    plan: &Arc<RunPlan>,
    product: &Arc<dyn Product>,
    host: Host,
) -> Result<Provisioned, ProvisionError> {
    let target = AdminCalls { calls: HttpClient::new(host), product: Arc::clone(product) };
    let timing = target.set_timing(plan).await?;
    let provisioned = Provisioned { target, plan: Arc::clone(plan), timing };
    match provisioned.put().await {
        Ok(()) => Ok(provisioned),
        Err(error) => {
            // A run that never began must not leave its timing behind.
            drop(provisioned.put_timing_back().await);
            Err(error)
        }
    }
}

impl Provisioned {
    async fn put(&self) -> Result<(), ProvisionError> {
        let (target, plan, product) = (&self.target, &self.plan, &self.target.product);
        let own = plan.agents.iter().filter(|agent| agent.is_own);
        let accounts = own.map(|agent| product.put_agent(&agent.name, &plan.password));
        target.all(accounts).await?;
        self.put_properties().await?;
        self.log_out_all().await
    }

    /// Sets the same properties anew, with the settings of another plan: schedulers lie around the
    /// run's first instant, which is known only once all else is there.
    ///
    /// # Errors
    /// The first call that does not succeed.
    pub async fn set_anew(&mut self, plan: &Arc<RunPlan>) -> Result<(), ProvisionError> {
        self.plan = Arc::clone(plan);
        self.put_properties().await
    }

    async fn put_properties(&self) -> Result<(), ProvisionError> {
        let (target, plan, product) = (&self.target, &self.plan, &self.target.product);
        let properties = own_properties(plan).map(|property| {
            let names = |agents: &[AgentIndex]| -> Vec<String> {
                agents.iter().map(|&agent| plan.agents[agent as usize].name.clone()).collect()
            };
            let settings = &plan.widgets[property.widgets.start as usize].settings;
            let (members, suspended) = (names(&property.members), names(&property.suspended));
            product.put_property(&property.name, &members, &suspended, settings)
        });
        target.all(properties).await?;
        let further = own_properties(plan)
            .flat_map(|property| property.widgets.clone().skip(1))
            .map(|widget| &plan.widgets[widget as usize]);
        target
            .all(further.map(|widget| product.put_widget(&widget.name, &widget.settings)))
            .await?;
        Ok(())
    }

    /// Logs out whoever is logged in.
    async fn log_out_all(&self) -> Result<(), ProvisionError> {
        let (target, plan) = (&self.target, &self.plan);
        let looks = own_properties(plan).map(|property| target.product.team(&property.name, None));
        let mut present: Vec<String> = Vec::new();
        for answer in target.all(looks).await? {
            let team = target.product.read_team(answer.body());
            let team = team.map_err(|why| unreadable(&answer, &why))?;
            let away = team.into_iter().filter(|(_, status)| *status != AgentStatus::Offline);
            present.extend(away.map(|(agent, _)| agent));
        }
        present.sort_unstable();
        present.dedup();
        let logouts = present.into_iter().filter_map(|name| {
            let agent = plan.agents.iter().find(|agent| agent.name == name && agent.is_own)?;
            let device = agent.devices.first().copied().unwrap_or("load");
            Some(target.clone().log_out(name, plan.password.clone(), device))
        });
        together(logouts).await.map(drop)
    }

    /// Takes the properties away with their widgets, and puts the target's timing back. All of it is
    /// tried, whatever fails.
    ///
    /// # Errors
    /// The first call that did not succeed.
    pub async fn take_away(self) -> Result<(), ProvisionError> {
        let deletions = own_properties(&self.plan).map(|property| {
            let call = self.target.product.delete_property(&property.name);
            let target = self.target.clone();
            // What is not there need not be taken away.
            async move { Ok(target.try_call(call).await.and_then(gone_or_done)) }
        });
        let deleted = together(deletions).await?;
        let put_back = self.put_timing_back().await;
        deleted.into_iter().collect::<Result<Vec<_>, _>>()?;
        put_back
    }

    async fn put_timing_back(&self) -> Result<(), ProvisionError> {
        match &self.timing {
            Some(call) => Ok(self.target.call(call.clone()).await.map(drop)?),
            None => Ok(()),
        }
    }
}

fn own_properties(plan: &RunPlan) -> impl Iterator<Item = &PlannedProperty> {
    plan.properties.iter().filter(|property| property.is_own)
}

fn gone_or_done(answer: Response) -> Result<(), HostError> {
    match answer.status {
        404 => Ok(()),
        _ => answer.done().map(drop),
    }
}

fn unreadable(answer: &Response, why: &UnreadableAnswer) -> HostError {
    HostError::Unreadable { call: answer.call.clone(), why: why.0.clone() }
}

impl AdminCalls {
    /// Sets the plan's timing; gives the call that puts back what was there, where that is another.
    async fn set_timing(&self, plan: &RunPlan) -> Result<Option<HttpCall>, ProvisionError> {
        let found = self.call(self.product.get_timing()).await?;
        let back = self.product.put_timing_back(found.body());
        let back = back.map_err(|why| unreadable(&found, &why))?;
        let own = self.product.put_timing(plan.grace.0);
        if own == back {
            return Ok(None);
        }
        self.call(own).await?;
        Ok(Some(back))
    }

    /// Logs an agent in on one device, and out everywhere.
    async fn log_out(
        self,
        agent: String,
        password: String,
        device: &'static str,
    ) -> Result<(), ProvisionError> {
        let login = self.call(self.product.login(&agent, &password, device)).await;
        let answer = login.map_err(|why| ProvisionError::Login { agent, why })?;
        let said = self.product.read_login(answer.body());
        let said = said.map_err(|why| unreadable(&answer, &why))?;
        self.call(self.product.logout(&said.token, true)).await?;
        Ok(())
    }

    /// Calls that all must succeed, several at once; their answers in the same order.
    async fn all(
        &self,
        calls: impl Iterator<Item = HttpCall>,
    ) -> Result<Vec<Response>, ProvisionError> {
        together(calls.map(|call| {
            let target = self.clone();
            async move { Ok(target.call(call).await?) }
        }))
        .await
    }

    /// A call that must succeed.
    async fn call(&self, call: HttpCall) -> Result<Response, HostError> {
        self.try_call(call).await?.done()
    }

    /// A call, made again while the target has no time for it. Whatever has no token of its own is
    /// the admin's.
    async fn try_call(&self, call: HttpCall) -> Result<Response, HostError> {
        let method = match call.method {
            Method::Get => HttpMethod::GET,
            Method::Put => HttpMethod::PUT,
            Method::Post => HttpMethod::POST,
            Method::Delete => HttpMethod::DELETE,
        };
        for retry in 0..RETRIES {
            let answer = self.once(method.clone(), &call).await?;
            if !matches!(answer.status, 429 | 503) {
                return Ok(answer);
            }
            tokio::time::sleep(RETRY_AFTER * 2_u32.pow(retry)).await;
        }
        self.once(method, &call).await
    }

    async fn once(&self, method: HttpMethod, call: &HttpCall) -> Result<Response, HostError> {
        let caller = call.bearer.as_deref().map_or(Caller::Admin, Caller::Device);
        self.calls.answer(method, &call.path, caller, call.body.clone())?.await
    }
}

/// Does all of them, so many at once; what they give, in the same order. Stops at the first that
/// fails.
async fn together<T: Send + 'static>(
    all: impl Iterator<Item = impl Future<Output = Result<T, ProvisionError>> + Send + 'static>,
) -> Result<Vec<T>, ProvisionError> {
    let mut all = all.enumerate();
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    loop {
        while running.len() < AT_ONCE_MAX
            && let Some((place, next)) = all.next()
        {
            running.spawn(async move { next.await.map(|gives| (place, gives)) });
        }
        match running.join_next().await {
            Some(Ok(ended)) => done.push(ended?),
            Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            None => break,
        }
    }
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, gives)| gives).collect())
}
