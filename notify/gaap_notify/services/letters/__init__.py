"""Letters: accepting, checking, setting, printing, taking back."""
