"""The words of the Train tab's view: pictures, verdict, curves, numbers, controls."""

NO_ANSWER = "The page's server does not answer; runs go on without it. Trying again …"
NO_PLOTLY = "The curves can't be drawn: plotly.js did not load. Reload the page."
