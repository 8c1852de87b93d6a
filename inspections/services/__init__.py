"""巡察整改的动作: each verb one transaction, lock → check → write."""
