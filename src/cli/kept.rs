//! Flags of commands that hand out forecasts: where these are kept, and what earlier ones taught.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::common::{CommonArguments, Setting};
use crate::decide::Plan;
use crate::fleet::Fleet;
use crate::outcome::ledger::{GivenBy, Ledger};
use crate::outcome::{Package, forecasts_given, handed_over};
use crate::price::calibration::Calibration;
use crate::units::counted;

/// Flags of the ledger.
#[derive(Debug, Args)]
pub(super) struct KeptArguments {
    /// Ledger in which the forecasts handed out are filed; the calibration installed there is laid over them
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Calibration laid over the forecasts, in place of the ledger's (`residua ledger recalibrate -o` writes one)
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
}

impl KeptArguments {
    /// Lays over the setting what earlier forecasts taught.
    pub(super) fn calibrate(&self, setting: &mut Setting, common: &CommonArguments) -> anyhow::Result<()> {
        let Some((calibration, place)) = self.calibration()? else { return Ok(()) };
        common.say(&format!(
            "calibrated by {place}: {} from {} to {}",
            counted(calibration.sales, "sale"),
            calibration.months.0,
            calibration.months.1
        ));
        setting.policy.move_channels(|route| calibration.of_route(route.name()));
        setting.models.set_calibration(calibration);
        Ok(())
    }

    fn calibration(&self) -> anyhow::Result<Option<(Calibration, String)>> {
        if let Some(path) = &self.calibration {
            let place = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the calibration {place}"))?;
            return Ok(Some((Calibration::from_json(&place, &text)?, place)));
        }
        let Some(path) = self.ledger.as_ref().filter(|path| path.exists()) else { return Ok(None) };
        let installed = Ledger::open_existing(path)?.installed()?;
        Ok(installed
            .map(|tried| (tried.calibration, format!("number {} of {}", tried.number, path.display()))))
    }

    /// Files the forecasts of a plan.
    pub(super) fn keep(
        &self,
        by: GivenBy,
        plan: &Plan,
        fleet: &Fleet,
        setting: &Setting,
        common: &CommonArguments,
    ) -> anyhow::Result<()> {
        let Some(path) = &self.ledger else { return Ok(()) };
        let given = forecasts_given(by, plan, fleet, &setting.policy, &setting.models);
        let new = Ledger::open(path)?.file_forecasts(&given)?;
        let before = match given.len() - new {
            0 => String::new(),
            known => format!("; {known} stood there already"),
        };
        common.say(&format!("filed {} in {}{before}", counted(new, "forecast"), path.display()));
        Ok(())
    }

    /// Files what is handed over with a request, a line a unit or batch; what is filed already stays as it is.
    pub(super) fn keep_hand_overs(&self, package: &Package, common: &CommonArguments) -> anyhow::Result<()> {
        let Some(path) = &self.ledger else { return Ok(()) };
        let lines = handed_over(package);
        let new = Ledger::open(path)?.file_hand_overs(&lines)?;
        common.say(&format!(
            "filed {new} of {} handed over in {}",
            counted(lines.len(), "line"),
            path.display()
        ));
        Ok(())
    }
}
