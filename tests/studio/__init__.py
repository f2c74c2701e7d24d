"""LangGraph Studio's server on the boards' tickets."""
