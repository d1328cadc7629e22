# Numbers that judge pipeline/analysis, from R and its package survey (Debian: r-cran-survey).
#   Rscript tests/goldens/inference.R > tests/goldens/inference.csv
# tests/test_inference.py reads the CSV; where Rscript and survey are present it runs this file again.
suppressMessages(library(survey))
out <- function(name, values) {
  values <- as.numeric(values)
  cat(paste0(name, ".", seq_along(values), ",", formatC(values, digits = 15, format = "g")), sep = "\n")
}
cat("name,value\n")

# ---- base R: one function each ----
out("wilson", prop.test(163, 418, correct = FALSE)$conf.int)
out("clopper_pearson", binom.test(163, 418)$conf.int)
out("pooled", prop.test(c(163, 190), c(418, 435), correct = FALSE)$p.value)
out("fisher", c(fisher.test(matrix(c(3, 17, 9, 16), 2))$p.value, fisher.test(matrix(c(1, 29, 1, 32), 2))$p.value,
                fisher.test(matrix(c(0, 40, 5, 55), 2))$p.value, fisher.test(matrix(c(2, 998, 6, 344), 2))$p.value))
p <- c(.0003, .011, .02, .02, .04, .3, .9)
out("bh", p.adjust(p, "BH"))
out("holm", p.adjust(p, "holm"))
out("trend", c(prop.trend.test(c(169, 163, 190), c(406, 418, 435))$statistic,
               prop.trend.test(c(169, 163, 190), c(406, 418, 435))$p.value,
               prop.test(c(169, 163, 190), c(406, 418, 435), correct = FALSE)$statistic))
cross <- matrix(c(12, 5, 7, 9, 14, 3, 8, 8), 2)
test <- chisq.test(cross, correct = FALSE)
out("chi_square", c(test$statistic, test$p.value))
out("residuals", test$stdres)
out("permutation", fisher.test(matrix(c(3, 2, 0, 1, 5, 1, 0, 4, 6), 3))$p.value)

# ---- survey, on the sample: question training, options in order, 2023 then 2025; staff 582 and 604 ----
counts <- list(c(38, 172, 156, 60), c(36, 166, 161, 70))
sample <- do.call(rbind, lapply(1:2, function(wave) data.frame(
  wave = wave, score = rep(c(100, 200 / 3, 100 / 3, 0), counts[[wave]]), staff = c(582, 604)[wave])))
sample$want <- as.numeric(sample$score > 50)
for (reading in c("general", "finite")) {
  design <- if (reading == "general") svydesign(id = ~1, strata = ~wave, weights = ~1, data = sample)
            else svydesign(id = ~1, strata = ~wave, fpc = ~staff, data = sample)
  means <- svyby(~score, ~wave, design, svymean, covmat = TRUE)
  out(paste0("mean_", reading), coef(means))
  out(paste0("mean_error_", reading), SE(means))
  out(paste0("mean_change_", reading), c(coef(svycontrast(means, c(-1, 1))), SE(svycontrast(means, c(-1, 1)))))
}
plain <- svydesign(id = ~1, weights = ~1, data = sample)
out("sample_chisq", svychisq(~want + wave, plain, statistic = "Chisq")$statistic)
first <- subset(plain, wave == 1)
alone <- svydesign(id = ~1, weights = ~1, data = sample[sample$wave == 1, ])
out("sample_beta", attr(svyciprop(~want, alone, method = "beta"), "ci"))
# Two groups with strata of their own: the error of svyttest is that of Welch's test.
ttest <- svyttest(score ~ wave, svydesign(id = ~1, strata = ~wave, weights = ~1, data = sample))
out("sample_ttest", ttest$statistic)

# ---- survey, on its packaged api data (a simple random sample of 200 of 6,194 schools) ----
data(api)
out("api_table", table(apisrs$stype, apisrs$awards))
srs <- svydesign(id = ~1, weights = ~1, data = apisrs)
out("api_chisq", svychisq(~stype + awards, srs, statistic = "Chisq")$statistic)
out("api_beta", attr(svyciprop(~I(awards == "Yes"), srs, method = "beta"), "ci"))
out("api_moments", c(nrow(apisrs), mean(apisrs$api00), var(apisrs$api00), apisrs$fpc[1]))
out("api_mean", c(coef(svymean(~api00, srs)), SE(svymean(~api00, srs)),
                  SE(svymean(~api00, svydesign(id = ~1, fpc = ~fpc, data = apisrs)))))
out("api_interval", confint(svymean(~api00, srs), df = degf(srs)))
halves <- svydesign(id = ~1, strata = ~sch.wide, weights = ~1, data = apisrs)
by <- aggregate(api00 ~ sch.wide, apisrs, function(x) c(length(x), mean(x), var(x)))$api00
out("api_halves", t(by))
out("api_ttest", svyttest(api00 ~ sch.wide, halves)$statistic)
