(function () {
  'use strict';
  var reports = JSON.parse(document.getElementById('data').textContent);
  var charts = {};
  ['levels', 'occupancy', 'mappings'].forEach(function (id) {
    charts[id] = echarts.init(document.getElementById(id), null, { renderer: 'svg' });
  });
  var classes = [
    ['empty', 'empty'], ['upTo1Of64', 'to 1/64'], ['upTo1Of8', 'to 1/8'], ['upTo1Of4', 'to 1/4'],
    ['upTo1Of2', 'to 1/2'], ['belowFull', 'below full'], ['full', 'full']
  ];

  function number(n) {
    return Number(n).toLocaleString('en');
  }

  function row(table, name, value) {
    var line = table.insertRow();
    line.insertCell().textContent = name;
    line.insertCell().textContent = number(value) + ' KiB';
  }

  function draw(chart, categories, series, unit, horizontal) {
    var names = { type: 'category', data: categories, axisLabel: { width: 240, overflow: 'truncate' } };
    var values = { type: 'value', name: unit, minInterval: 1 };
    chart.setOption({
      animation: false,
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      legend: { show: series.length > 1 },
      grid: { left: 20, right: 40, top: 40, bottom: 20, containLabel: true },
      xAxis: horizontal ? values : names,
      yAxis: horizontal ? names : values,
      series: series
    }, true);
  }

  function bar(name, data, stack) {
    return { name: name, type: 'bar', data: data, stack: stack };
  }

  function show(report) {
    document.getElementById('answer').textContent =
      'pid ' + report.pid + ' (' + report.command + '), ' + report.format + ': page tables take ' +
      number(report.predictedVmPteKiB) + ' KiB, ' + report.tablesPercentOfResident + ' % of ' +
      number(report.residentKiB) + ' KiB resident; ' + report.verdict + '.';
    var notes = document.getElementById('notes');
    notes.textContent = '';
    report.notes.concat(report.badLines).forEach(function (text) {
      var note = document.createElement('p');
      note.className = 'note';
      note.textContent = text;
      notes.appendChild(note);
    });
    var vmpte = document.getElementById('vmpte');
    vmpte.textContent = '';
    row(vmpte, 'predicted', report.predictedVmPteKiB);
    row(vmpte, 'the kernel\'s', report.kernelVmPteKiB);
    ['reclaimable', 'invisible', 'moving', 'unknown'].forEach(function (part) {
      if (report[part + 'KiB'] !== undefined) {
        row(vmpte, part, report[part + 'KiB']);
      }
    });
    var levels = report.levels.slice().reverse();
    var names = levels.map(function (level) { return level.manualName; });
    draw(charts.levels, names, [
      bar('hardware', levels.map(function (level) { return level.hardwareKiB; })),
      bar('allocated', levels.map(function (level) { return level.allocatedKiB; }))
    ], 'KiB', false);
    draw(charts.occupancy, classes.map(function (one) { return one[1]; }),
      levels.map(function (level) {
        return bar(level.manualName,
          classes.map(function (one) { return level.occupancy[one[0]]; }), 'tables');
      }), 'tables', false);
    var mappings = report.mappings.slice().reverse();
    draw(charts.mappings, mappings.map(function (one) {
      return one.start + ' ' + (one.name || '(anonymous)');
    }), [bar('tables', mappings.map(function (one) { return one.tableKiB; }))], 'KiB', true);
  }

  var select = document.getElementById('process');
  reports.forEach(function (report, index) {
    var option = document.createElement('option');
    option.value = index;
    option.textContent = report.pid + ' ' + report.command;
    select.appendChild(option);
  });
  select.addEventListener('change', function () { show(reports[select.value]); });
  if (reports.length > 0) {
    show(reports[0]);
  }
}());
