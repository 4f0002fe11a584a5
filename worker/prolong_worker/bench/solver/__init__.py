"""`prolong bench solver`: every method of ours beside PyManOpt's, geoopt's and others, on one suite of pairs."""
