use crate::house::tests;
tests![];
