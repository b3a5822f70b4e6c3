"""Yearly work plans (年間事業計画): generated from the programme for a fiscal year, then revised only openly.

An item's target is changed by a target revision with its day and reason, so that the past never moves. The tables
stand in ``domain/work_plan_tables.py``, below the ledger, which links activities to plan items.
Source: seed 003 item 1-(1) notes, 1-(2) notes.
"""

from domain.work_plan_tables import TargetRevision, WorkPlan, WorkPlanItem

__all__ = ["TargetRevision", "WorkPlan", "WorkPlanItem"]
