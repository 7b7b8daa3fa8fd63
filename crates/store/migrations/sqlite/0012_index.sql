-- account_by_created begins with the same columns and ends in the order of a list.
DROP INDEX account_by_creation;
