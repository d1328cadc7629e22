# Weighted shares by the R package survey, from the two tables of counts beside this file and from the
# school data of the package. Prints name,value. Run:
#   Rscript tests/goldens/weighting.R > tests/goldens/weighting.csv
suppressPackageStartupMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail")
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
cells <- read.csv(file.path(here, "weighting_cells.csv"), colClasses = c(wave = "character"))
staff <- read.csv(file.path(here, "weighting_staff.csv"), colClasses = c(wave = "character"))
cat("name,value\n")
say <- function(name, value) cat(sprintf("%s,%.15e\n", name, as.numeric(value)))

people <- function(question, wave) {
  own <- cells[cells$question == question & cells$wave == wave, ]
  each <- own[rep(seq_len(nrow(own)), own$people), ]
  at <- unlist(lapply(own$people, seq_len))
  each$yes <- as.numeric(at <= each$chosen)
  each$base <- as.numeric(at <= each$asked)
  each
}
margin <- function(wave, attribute) {
  own <- staff[staff$wave == wave & staff$attribute == attribute, ]
  setNames(data.frame(own$group, own$staff), c(attribute, "Freq"))
}
size <- function(wave) sum(margin(wave, "section")$Freq)
exact <- list(maxit = 1000, epsilon = 1e-13)

# Stratified by section, with and without the finite population correction.
stratified <- function(rows, fpc = TRUE) {
  heads <- do.call(rbind, lapply(unique(rows$wave), function(w) data.frame(wave = w, margin(w, "section"))))
  rows$stratum <- paste(rows$wave, rows$section)
  rows$staff <- heads$Freq[match(rows$stratum, paste(heads$wave, heads$section))]
  rows$weight <- rows$staff / as.vector(table(rows$stratum)[rows$stratum])
  if (fpc) svydesign(id = ~1, strata = ~stratum, weights = ~weight, fpc = ~staff, data = rows)
  else svydesign(id = ~1, strata = ~stratum, weights = ~weight, data = rows)
}
both <- rbind(people("meaning", "2023"), people("meaning", "2025"))
for (fpc in c(TRUE, FALSE)) {
  tag <- if (fpc) "finite" else "general"
  design <- stratified(both, fpc)
  by <- svyby(~yes, ~wave, design, svymean, covmat = TRUE)
  for (w in c("2023", "2025")) {
    say(paste("stratified", tag, w, "share"), coef(by)[w])
    say(paste("stratified", tag, w, "se"), SE(by)[which(by$wave == w)])
    say(paste("stratified", tag, w, "degrees"), degf(stratified(both[both$wave == w, ], fpc)))
  }
  change <- svycontrast(by, c("2023" = -1, "2025" = 1))
  say(paste("stratified", tag, "change"), coef(change))
  say(paste("stratified", tag, "change se"), SE(change))
  routed <- svymean(~yes, subset(stratified(people("reason", "2025"), fpc), base == 1))
  say(paste("stratified", tag, "routed share"), coef(routed))
  say(paste("stratified", tag, "routed se"), SE(routed))
}

# Post-stratified and raked from a simple random sample.
simple <- function(question, wave, fpc) {
  rows <- people(question, wave)
  rows$staff <- size(wave)
  rows$weight <- rows$staff / nrow(rows)
  if (fpc) svydesign(id = ~1, weights = ~weight, fpc = ~staff, data = rows)
  else svydesign(id = ~1, weights = ~weight, data = rows)
}
for (fpc in c(TRUE, FALSE)) {
  tag <- if (fpc) "finite" else "general"
  for (question in c("meaning", "reason")) {
    one <- postStratify(simple(question, "2025", fpc), ~age, margin("2025", "age"))
    found <- svymean(~yes, subset(one, base == 1))
    say(paste("poststratified", tag, question, "share"), coef(found))
    say(paste("poststratified", tag, question, "se"), SE(found))
    margins <- lapply(c("section", "age", "grade"), function(a) margin("2025", a))
    all <- rake(simple(question, "2025", fpc), list(~section, ~age, ~grade), margins, exact)
    found <- svymean(~yes, subset(all, base == 1))
    say(paste("raked", tag, question, "share"), coef(found))
    # Its residuals come from ten sweeps over the margins, which leave the sixth digit open;
    # calibrate solves the same regression at once.
    say(paste("raked", tag, question, "se of ten sweeps"), SE(found))
    plain <- simple(question, "2025", fpc)
    columns <- colnames(model.matrix(~ section + age + grade, plain$variables))
    totals <- sapply(columns, function(name) {
      if (name == "(Intercept)") return(size("2025"))
      attribute <- c("section", "age", "grade")[sapply(c("section", "age", "grade"), function(a) startsWith(name, a))]
      heads <- margin("2025", attribute)
      heads$Freq[heads[[attribute]] == sub(attribute, "", name)]
    })
    solved <- calibrate(plain, ~ section + age + grade, totals, calfun = "raking", maxit = 500, epsilon = 1e-12)
    found <- svymean(~yes, subset(solved, base == 1))
    say(paste("calibrated", tag, question, "share"), coef(found))
    say(paste("raked", tag, question, "se"), SE(found))
    if (question == "meaning" && fpc) {
      say("raked smallest weight", min(weights(all)))
      say("raked largest weight", max(weights(all)))
      say("raked kish", sum(weights(all))^2 / sum(weights(all)^2))
    }
  }
}

# The school data of the package: weights that differ before raking.
data(api)
apistrat$awarded <- as.numeric(apistrat$awards == "Yes")
counts <- aggregate(cbind(people = 1, chosen = awarded) ~ stype + sch.wide + pw + fpc, data = apistrat, FUN = sum)
for (i in seq_len(nrow(counts))) {
  cell <- paste("school cell", counts$stype[i], counts$sch.wide[i])
  for (column in c("people", "chosen", "pw", "fpc")) say(paste(cell, column), counts[[column]][i])
}
strata <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
say("school stratified share", coef(svymean(~awarded, strata)))
say("school stratified se", SE(svymean(~awarded, strata)))
types <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
plain <- svydesign(id = ~1, weights = ~pw, data = apistrat)
raked <- rake(plain, list(~stype, ~sch.wide), list(types, wide), exact)
say("school raked share", coef(svymean(~awarded, raked)))
say("school raked se", SE(svymean(~awarded, raked)))
say("school raked smallest weight", min(weights(raked)))
say("school raked largest weight", max(weights(raked)))
