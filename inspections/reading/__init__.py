"""读台账: a workbook as offices make it → rows and complaints. ``cells`` runs in a child process; nothing here knows a model."""
