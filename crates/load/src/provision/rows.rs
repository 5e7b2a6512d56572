//! Accounts and properties that are there beforehand (rule T24 of target files): each generator of a plan
//! takes rows of its own, those at the places of its agents and properties in the plan, behind one row for
//! the observer of each generator.

use super::error::ProvisionError;
use crate::plan::{RunPlan, Shard};
use lamplighter_target::driver::Driver;

/// Lends this generator the rows that are its own, and no others.
///
/// # Errors
/// When the file has fewer than the whole plan needs, with whatever generators.
pub fn lend(driver: &Driver, plan: &RunPlan, shard: Shard) -> Result<(), ProvisionError> {
    let file = driver.file();
    let (mut accounts, mut properties) = (None, None);
    if file.lends_accounts() {
        let observers = if file.asks_for_observer() { shard.of as usize } else { 0 };
        enough("accounts", observers + plan.agents.len(), file.about.accounts.len())?;
        let own = plan.agents.iter().enumerate().filter(|(_, agent)| agent.is_own);
        let mut rows: Vec<usize> = own.map(|(place, _)| observers + place).collect();
        if observers > 0 {
            rows.push(shard.number as usize - 1);
        }
        accounts = Some(rows);
    }
    if file.lends_properties() {
        enough("properties", plan.properties.len(), file.about.properties.len())?;
        let own = plan.properties.iter().enumerate().filter(|(_, property)| property.is_own);
        properties = Some(own.map(|(place, _)| place).collect());
    }
    driver.lend_only(accounts, properties);
    Ok(())
}

fn enough(what: &'static str, needed: usize, there: usize) -> Result<(), ProvisionError> {
    match needed <= there {
        true => Ok(()),
        false => Err(ProvisionError::TooFew { what, needed, there }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{draw, knobs};
    use crate::plan::{RunKnobs, TargetLimits};
    use crate::service::lending;
    use lamplighter_target::driver::CreatedObjects;

    /// What each of three generators lends: the observer where there is one, agents and properties.
    fn lent(accounts: usize, more: &str) -> Vec<(Vec<String>, usize, Vec<usize>)> {
        let mut knobs = knobs();
        knobs.world.properties = 40;
        knobs.world.agents = 3;
        let shares = (1..=3).map(|number| {
            let shard = Shard { number, of: 3 };
            let mut knobs = RunKnobs { shard, ..knobs.clone() };
            let driver = lending(accounts, 40, more);
            let file = driver.file();
            let _ = knobs.keep_to(TargetLimits::of(file));
            let plan = draw(&knobs);
            lend(&driver, &plan, shard).expect("enough");
            let own = plan.agents.iter().filter(|agent| agent.is_own).count();
            let all = own + usize::from(file.asks_for_observer());
            let mut made = CreatedObjects::default();
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let agents = runtime.block_on(driver.make_agents(all, &mut made)).expect("no call");
            let names = agents.expect("enough").into_iter().map(|agent| agent.name).collect();
            let more = runtime.block_on(driver.make_agents(all + 1, &mut made)).expect("no call");
            assert!(more.is_none(), "the others are another generator's");
            let properties = plan.properties.iter().enumerate().filter(|(_, one)| one.is_own);
            (names, own, properties.map(|(place, _)| place).collect())
        });
        shares.collect()
    }

    #[test]
    fn t24_every_generator_has_rows_of_its_own() {
        for more in ["", "observer = true"] {
            let shares = lent(200, more);
            let mut all: Vec<&String> = shares.iter().flat_map(|(names, ..)| names).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count, "two generators take the same account: {shares:?}");
            assert!(shares.iter().all(|(_, own, _)| *own > 0));
            if !more.is_empty() {
                let observers: Vec<&str> = shares.iter().map(|(names, ..)| &*names[0]).collect();
                assert_eq!(observers, ["agent0", "agent1", "agent2"]);
            }
        }
    }

    #[test]
    fn t24_too_few_rows_for_the_whole_plan_are_told_before_anything_is_waited_for() {
        let plan = draw(&knobs());
        let needed = plan.agents.len();
        let told =
            lend(&lending(10, 60, ""), &plan, Shard::WHOLE).expect_err("too few").to_string();
        assert_eq!(told, format!("the plan needs {needed} accounts, and the target file has 10"));
    }
}
