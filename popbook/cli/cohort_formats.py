"""Help of ``popbook cohort``: the formats of its files, as an analyst reads them."""

from __future__ import annotations

COHORT_HELP = """\b
用自己的数据做队列要素推算：读文件夹里的输入，结果写入一个CSV。

\b
人口       population.csv       sex,age,value
死亡       三选一：
           survival_ratios.csv  period,sex,age,sx
           life_table.csv       period,sex,age,nLx（设置里写基数l0）
           mortality_rates.csv  period,sex,age,nmx
生育       fertility.csv        period,age,asfr
净迁移     migration.csv        period,sex,age,net（可省略）
出生性别比 srb.csv              period,srb（或在设置里写srb）
设置       settings.yml

\b
各列：
  sex     female、male
  age     年龄组下限；从0岁起，组宽等于步长，最后一组为开口组；
          各文件的年龄组相同
  period  一步的起始年（2020）、起止年（2020-2025）或第几步
          （1、2……）；只有一个期间时各步相同，否则每一步都要给出
  value   期初人口，人
  sx      存活比：由前一组活到本组；第一组为出生活到本组，
          最后一组为最老两组合在一起
  nLx     生存人年；最后一组为T；步长5年时0岁、1—4岁可以分列
  nmx     每人年死亡率，不是千分率；步长5年时用0、1、5、10……
          可另有一列nax，空格按公式计算
  asfr    每名妇女每年的生育数，不是千分率；两端没有生育的年龄可省略
  net     整个一步（5年步长即5年合计）的净迁移人数，净迁出为负

\b
settings.yml：
  start_year: 2020          期初年份
  step: 5                   步长和年龄组宽，1或5
  steps: 6                  步数
  srb: 1.05                 每名女婴对应的男婴数
  migration_timing: end     end期末迁入；even一半期初、一半期末
  l0: 100000                生命表基数，用life_table.csv时必写
  sexes: [female]           只算一个性别时写；默认按人口文件

\b
结果：year,sex,age,component,value
  component 为 population、births、deaths、net_migration。
  人口在各步的首尾年份；出生、死亡、净迁移写在一步结束的年份。
  出生的age为0；死亡的age为死者到期末应达到的组，0岁组含本步出生者。
  每一步：期末人口＝期初人口＋出生－死亡＋净迁移。

输入有问题时一次列出全部问题，不写结果。方法见“方法说明”的“队列要素推算命令”一节。"""
