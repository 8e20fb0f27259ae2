"""One function or small class per use case: takes ports, strings stations together."""
