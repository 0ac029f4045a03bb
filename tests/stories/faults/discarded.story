# What is held can also be lost, together with its connection, as by a reset. The leader's last write reaches nobody and its client is told nothing; the old leader comes back and cuts it off.
ensemble 3 leader=3
client c1 at $leader: create /a "x"
until reply c1 ok
hold PROPOSAL $leader>*
c1 set /a "y"
until durable 3 1|3
name old = leader
crash $old
until reply c1 unknown
discard * *>*
until serving
start $old
until role $old FOLLOWING
until settled
expect seen truncated $old 1|2
expect history 3 LEADING LOOKING FOLLOWING
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 create /a
2: logged 1|2, acked
3: logged 1|2, committed 1|2 by 2,3
1: logged 1|2, acked
c1: create /a "x": /a
3: proposed 1|3 setData /a
3: logged 1|3
3: fell
c1: connection lost
1: serves no longer, LOOKING
2: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
3: started, LOOKING
3: elected (2, 1|2, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans TRUNC 1|2 and 0 more for 3
3: truncated to 1|2
3: current epoch 2
3: serves
holds: agreement, total order, primary order, durability
