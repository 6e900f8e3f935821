package redisrooms

// If a script writes to the stream, all its later commands succeed: the rights were
// checked before, and Redis refuses no command for lack of memory after a write. So an
// error of the script means that it has written no entry.
var (
	appendScript = newScript("", commonLua+appendLua)
	readScript   = newScript("", commonLua+readLua)
	followScript = newScript("", commonLua+followLua)
)

// commonLua has two functions. Need fails if the user may not call something with these
// arguments. Last returns the id that a stream has given last, even if that entry is
// gone; and nil if there is no stream.
const commonLua = `
local function need(...)
	if not redis.acl_check_cmd(...) then
		error({err = 'NOPERM the user has no right to it [' .. table.concat({...}, ' ') .. ']'})
	end
end

local function last(key)
	if call('EXISTS', key) == 0 then
		return nil
	end
	local info = call('XINFO', 'STREAM', key)
	for i = 1, #info, 2 do
		if info[i] == 'last-generated-id' then
			return info[i + 1]
		end
	end
end
`

// appendLua appends an entry, unless it is late or its id is known. KEYS are the stream
// and the id; ARGV the tag, the data, the deadline in microseconds, how many entries to
// keep, the life of the stream and of the id in milliseconds, and the channel. It
// returns what has happened, the time, and the place.
//
// Numbers in Lua are exact up to 2^53, and tostring writes large ones as 1e+14.
const appendLua = `
local stream, id = KEYS[1], KEYS[2]
local tag, data, deadline, count, age, window, channel = unpack(ARGV)

local time = call('TIME')
local now = time[1] * 1000000 + time[2]
if now > tonumber(deadline) then
	return {'late', now}
end
local known = call('GET', id)
if known then
	if #call('XRANGE', stream, known, known) == 0 then
		return {'forgotten', now}
	end
	return {'appended', now, known}
end
local prev = last(stream) or '0-0'
local number = tonumber(string.match(prev, '^%d+')) + 1
if number >= 2^53 then
	error({err = 'ERR the stream has an entry of someone else [' .. prev .. ']'})
end
local place = string.format('%.0f', number) .. '-' .. tag
need('SET', id)
need('PEXPIRE', stream)
need('PUBLISH', channel)
call('XADD', stream, 'MAXLEN', '=', count, place, 'prev', prev, 'data', data)
call('SET', id, place, 'PX', window)
call('PEXPIRE', stream, age)
call('PUBLISH', channel, prev .. ' ' .. place .. ' ' .. data)
return {'appended', now, place}
`

// readLua returns the entries from a place on. KEYS is the stream; ARGV the place, or -
// for all entries, how many entries and bytes to return at most, and the life of the
// stream. It returns the last id that the stream has given, whether there are more entries
// than it returns, and the entries. The last id is empty if there are more. The first
// entry has no fields if it is the place itself. A stream that is read after one of its
// places is in use, so it lives on; a replica refuses that.
const readLua = `
local stream, after = KEYS[1], ARGV[1]
local count, room, age = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local chunk = 16
local entries, from, more = {}, after, 0
repeat
	local found = call('XRANGE', stream, from, '+', 'COUNT', chunk)
	for _, e in ipairs(found) do
		if e[1] == after then
			e[2] = {}
		elseif count == 0 or room <= 0 then
			more = 1
			break
		else
			count = count - 1
			for _, field in ipairs(e[2]) do
				room = room - #field
			end
		end
		entries[#entries + 1] = e
		from = '(' .. e[1]
	end
until more == 1 or #found < chunk
if after ~= '-' then
	redis.pcall('PEXPIRE', stream, age)
end
return {more == 0 and last(stream) or '', more, entries}
`

// followLua returns where the stream ends. If there is none, it makes an empty one: only
// its place tells it from another one that is made when all was lost. KEYS is the stream;
// ARGV a tag, and the life of the stream in milliseconds.
const followLua = `
local stream, tag, age = KEYS[1], ARGV[1], ARGV[2]
local place = last(stream)
if not place then
	need('PEXPIRE', stream)
	place = '0-' .. tag
	call('XADD', stream, 'MAXLEN', '=', 0, place, 'prev', '')
end
call('PEXPIRE', stream, age)
return place
`
