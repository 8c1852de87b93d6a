def shell(request) -> dict:
    return {"shell": None}
