# One server in an ensemble of one elects itself; a majority of one is one.
ensemble 1 seed=7
until settled
expect leader 1
c1 at 1
c1 create /a "alone"
until answered c1
----
1: started, LOOKING
1: elected (1, 0|0, 0) in round 1, LEADING, accepted epoch 1
1: current epoch 1
1: epoch 1 established
1: serves
1: proposed 1|1 createSession 10000 ms
1: logged 1|1, committed 1|1 by 1
1: proposed 1|2 create /a
c1: session open
1: logged 1|2, committed 1|2 by 1
c1: create /a "alone": /a
holds: agreement, total order, primary order, durability
